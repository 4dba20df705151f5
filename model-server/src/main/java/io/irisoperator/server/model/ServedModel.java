package io.irisoperator.server.model;

import io.irisoperator.model.Classifier;
import io.irisoperator.model.Evaluator;
import io.irisoperator.model.FeatureRanges;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxGraph;
import io.irisoperator.model.Schema;
import io.irisoperator.model.ServableModel;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The model that answers requests.
 *
 * @param ranges of the training data's features, if the model has them
 * @param digest the digest of its folder
 * @param classifiers gives a classifier for one thread at a time
 * @param takesIntegers whether it takes no fractions
 */
public record ServedModel(
    Schema schema,
    Optional<FeatureRanges> ranges,
    String digest,
    Supplier<Classifier> classifiers,
    boolean takesIntegers) {

  /**
   * Prepares a model.
   *
   * @throws InvalidModelException if it does not run, or does not give what it must
   */
  public static ServedModel of(ServableModel model) throws InvalidModelException {
    return switch (model.onnx()) {
      case OnnxForest forest -> of(model, () -> new Evaluator(forest.forest()), false);
      case OnnxGraph graph -> {
        OnnxRuntimeClassifier classifier = OnnxRuntimeClassifier.open(graph, model.schema());
        for (GoldenRow row : model.goldenRows()) {
          row.requireFrom(classifier);
        }
        boolean takesIntegers =
            graph.inputs().stream().anyMatch(input -> input.type() == OnnxGraph.ElementType.INT64);
        yield of(model, () -> classifier, takesIntegers);
      }
    };
  }

  private static ServedModel of(
      ServableModel model, Supplier<Classifier> classifiers, boolean takesIntegers) {
    return new ServedModel(
        model.schema(), model.ranges(), model.digest(), classifiers, takesIntegers);
  }

  /** A classifier for one thread at a time. */
  public Classifier classifier() {
    return classifiers.get();
  }

  /** Whether a row is like those that the model was trained with, as far as is known. */
  public boolean isInRange(double[] rows, int at) {
    return ranges.isEmpty() || ranges.get().contain(rows, at);
  }
}
