package io.irisoperator.trainer.forest;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.evaluation.Scores;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.DatasetReader;
import io.irisoperator.evaluation.data.InvalidDataException;
import io.irisoperator.model.Forest;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForestTrainerTest {
  private static final Dataset TRAIN = read("iris_train.csv");
  private static final Dataset TEST = read("iris_test.csv");

  private static Dataset read(String name) {
    try {
      return DatasetReader.read(Path.of("../data", name));
    } catch (InvalidDataException e) {
      throw new AssertionError(e);
    }
  }

  private static HyperParameters seed(long seed) {
    return new HyperParameters(100, 10, 2, 1, seed);
  }

  /** The best possible rule is right for 98.7 % of these rows: see data/README.md. */
  @ParameterizedTest
  @ValueSource(longs = {42, 0, 1, 2, 3, 4, 5, 6, 7, 8})
  void reachesTheNoiseCeilingWithAnySeed(long seed) {
    Forest forest = ForestTrainer.fit(TRAIN, seed(seed)).forest();
    assertThat(Scores.of(forest, TEST).accuracy()).isGreaterThanOrEqualTo(0.979);
    assertThat(Scores.of(forest, TRAIN).accuracy()).isGreaterThan(0.99);
  }

  @Test
  void theSameSeedGivesTheSameBytes() {
    byte[] first = onnx(ForestTrainer.fit(TRAIN, seed(42)).forest());
    assertThat(onnx(ForestTrainer.fit(TRAIN, seed(42)).forest())).isEqualTo(first);
    assertThat(onnx(ForestTrainer.fit(TRAIN, seed(43)).forest())).isNotEqualTo(first);
  }

  private static byte[] onnx(Forest forest) {
    return OnnxWriter.write(OnnxForest.of(forest));
  }

  @Test
  void treesObeyTheirParameters() {
    Forest forest = ForestTrainer.fit(TRAIN, new HyperParameters(7, 3, 2, 1, 42)).forest();
    assertThat(forest.trees())
        .hasSize(7)
        .allSatisfy(tree -> assertThat(depth(tree, 0)).isLessThanOrEqualTo(3));
    assertThat(forest.trees()).anySatisfy(tree -> assertThat(depth(tree, 0)).isEqualTo(3));

    int all = ForestTrainer.fit(TRAIN, new HyperParameters(5, 30, 2, 1, 42)).forest().nodeCount();
    int large =
        ForestTrainer.fit(TRAIN, new HyperParameters(5, 30, 2, 20, 42)).forest().nodeCount();
    int whole =
        ForestTrainer.fit(TRAIN, new HyperParameters(5, 30, 200, 1, 42)).forest().nodeCount();
    assertThat(large).isLessThan(all);
    assertThat(whole).isLessThan(all);
    int none =
        ForestTrainer.fit(TRAIN, new HyperParameters(5, 30, 4000, 1, 42)).forest().nodeCount();
    assertThat(none).isEqualTo(5);
  }

  private static int depth(List<Node> tree, int node) {
    return tree.get(node) instanceof Node.Split split
        ? 1 + Math.max(depth(tree, split.left()), depth(tree, split.right()))
        : 0;
  }

  @Test
  void importancesSumToOne() {
    List<Double> importances = ForestTrainer.fit(TRAIN, HyperParameters.DEFAULT).importances();
    assertThat(importances).hasSize(4).allSatisfy(i -> assertThat(i).isBetween(0.0, 1.0));
    assertThat(importances.stream().mapToDouble(i -> i).sum()).isCloseTo(1, Offset.offset(1e-9));
  }
}
