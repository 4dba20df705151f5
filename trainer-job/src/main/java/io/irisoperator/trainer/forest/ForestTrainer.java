package io.irisoperator.trainer.forest;

import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.model.Forest;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.Iris;
import io.irisoperator.model.Node;
import io.irisoperator.model.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import smile.classification.RandomForest;
import smile.data.DataFrame;
import smile.data.formula.Formula;
import smile.data.vector.IntVector;
import smile.model.cart.DecisionNode;
import smile.model.cart.InternalNode;
import smile.model.cart.OrdinalNode;
import smile.model.cart.OrdinalThreshold;
import smile.model.cart.SplitRule;
import smile.util.IterativeAlgorithmController;

/** Fits a random forest with Smile. The same data, parameters and seed give the same forest. */
public final class ForestTrainer {
  private static final String LABEL = "class";

  /**
   * A forest and Smile's importances of the features.
   *
   * @param importances by feature: the mean decrease of Gini impurity; they sum to 1
   */
  public record Fit(Forest forest, List<Double> importances) {
    public Fit {
      importances = List.copyOf(importances);
    }
  }

  private ForestTrainer() {}

  /** Fits on all flowers of a data set. */
  public static Fit fit(Dataset data, HyperParameters parameters) {
    return fit(data, parameters, built -> {});
  }

  /**
   * Fits on all flowers of a data set.
   *
   * @param progress receives the number of trees so far, after each tree and from any thread
   */
  public static Fit fit(Dataset data, HyperParameters parameters, IntConsumer progress) {
    double[][] rows = data.flowers().stream().map(ForestTrainer::rounded).toArray(double[][]::new);
    int[] labels = data.flowers().stream().mapToInt(Flower::species).toArray();
    DataFrame frame =
        DataFrame.of(rows, Iris.FEATURES.toArray(String[]::new)).add(new IntVector(LABEL, labels));
    RandomForest smile = RandomForest.fit(Formula.lhs(LABEL), frame, options(parameters, progress));
    List<List<Node>> trees =
        IntStream.range(0, smile.size())
            .mapToObj(t -> new Tree(smile, t, parameters).nodes())
            .toList();
    try {
      return new Fit(
          Forest.of(Precision.FLOAT32, Iris.FEATURES.size(), Iris.CLASSES.size(), trees),
          importances(smile));
    } catch (InvalidModelException e) {
      throw new IllegalStateException("a fitted forest is a forest", e);
    }
  }

  /** The values in float32, as the served model reads them. */
  private static double[] rounded(Flower flower) {
    double[] features = flower.features();
    for (int f = 0; f < features.length; f++) {
      features[f] = (float) features[f];
    }
    return features;
  }

  private static RandomForest.Options options(HyperParameters parameters, IntConsumer progress) {
    // With one seed per tree Smile's parallel fit is reproducible.
    long[] seeds =
        new SplittableRandom(parameters.randomState()).longs(parameters.nEstimators()).toArray();
    int sqrtOfFeatures = 0;
    int smileCountsLevels = parameters.maxDepth() + 1;
    int unlimitedNodes = Integer.MAX_VALUE;
    return new RandomForest.Options(
        parameters.nEstimators(),
        sqrtOfFeatures,
        SplitRule.GINI,
        smileCountsLevels,
        unlimitedNodes,
        parameters.minSamplesLeaf(),
        1.0,
        null,
        seeds,
        new Counted(progress));
  }

  /** Counts trees as Smile submits them, without the thread of Smile's own publisher. */
  private static final class Counted
      extends IterativeAlgorithmController<RandomForest.TrainingStatus> {
    private final AtomicInteger built = new AtomicInteger();
    private final IntConsumer progress;

    Counted(IntConsumer progress) {
      this.progress = progress;
    }

    @Override
    public void submit(RandomForest.TrainingStatus status) {
      progress.accept(built.incrementAndGet());
    }
  }

  private static List<Double> importances(RandomForest smile) {
    double[] importance = smile.importance();
    double sum = Arrays.stream(importance).sum();
    return Arrays.stream(importance).mapToObj(i -> sum > 0 ? i / sum : 0).toList();
  }

  /**
   * Converts one of Smile's trees to a list of nodes, parents before children, left before right.
   */
  private static final class Tree {
    private final List<Node> nodes = new ArrayList<>();
    private final int[] classOfCount;
    private final HyperParameters parameters;

    Tree(RandomForest smile, int index, HyperParameters parameters) {
      this.classOfCount = smile.classes();
      this.parameters = parameters;
      add(smile.trees()[index].root());
    }

    List<Node> nodes() {
      return nodes;
    }

    private int add(smile.model.cart.Node node) {
      int position = nodes.size();
      int[] counts = counts(node);
      // Smile has no minimum size for a split: smaller splits become leaves.
      if (node instanceof InternalNode split
          && IntStream.of(counts).sum() >= parameters.minSamplesSplit()) {
        nodes.add(leaf(counts));
        int left = add(split.trueChild());
        int right = add(split.falseChild());
        nodes.set(
            position,
            new Node.Split(split.feature(), threshold((OrdinalNode) split), false, left, right));
      } else {
        nodes.add(leaf(counts));
      }
      return position;
    }

    private static int[] counts(smile.model.cart.Node node) {
      return switch (node) {
        case DecisionNode leaf -> leaf.count();
        case InternalNode split -> {
          int[] counts = counts(split.trueChild()).clone();
          int[] others = counts(split.falseChild());
          for (int c = 0; c < counts.length; c++) {
            counts[c] += others[c];
          }
          yield counts;
        }
        default -> throw new IllegalStateException("not a classification tree: " + node);
      };
    }

    /** The classes' shares of the rows, divided by the number of trees, as in scikit-learn. */
    private Node.Leaf leaf(int[] counts) {
      double rows = IntStream.of(counts).sum();
      Float[] weights = new Float[Iris.CLASSES.size()];
      Arrays.fill(weights, 0f);
      for (int c = 0; c < counts.length; c++) {
        weights[classOfCount[c]] = (float) (counts[c] / rows / parameters.nEstimators());
      }
      return new Node.Leaf(List.of(weights));
    }
  }

  /** The largest float32 up to Smile's threshold, so that no float32 row changes sides. */
  private static float threshold(OrdinalNode split) {
    double exact = OrdinalThreshold.of(split);
    float rounded = (float) exact;
    return rounded > exact ? Math.nextDown(rounded) : rounded;
  }
}
