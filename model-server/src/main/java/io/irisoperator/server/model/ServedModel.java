package io.irisoperator.server.model;

import io.irisoperator.model.Classifier;
import io.irisoperator.model.Evaluator;
import io.irisoperator.model.FeatureRanges;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.Iris;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxGraph;
import io.irisoperator.model.Schema;
import io.irisoperator.model.ServableModel;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The model that answers requests.
 *
 * @param ranges of the training data's features, if the model has them
 * @param digest the digest of its folder
 * @param classifiers gives a classifier for one thread at a time
 * @param integers the indexes of the features that it takes as integers only
 */
public record ServedModel(
    Schema schema,
    Optional<FeatureRanges> ranges,
    String digest,
    Supplier<Classifier> classifiers,
    List<Integer> integers) {
  public ServedModel {
    integers = List.copyOf(integers);
  }

  /**
   * Prepares a model.
   *
   * @throws InvalidModelException if it does not run, or does not give what it must
   */
  public static ServedModel of(ServableModel model) throws InvalidModelException {
    return switch (model.onnx()) {
      case OnnxForest forest -> of(model, () -> new Evaluator(forest.forest()), List.of());
      case OnnxGraph graph -> {
        OnnxRuntimeClassifier classifier =
            OnnxRuntimeClassifier.open(graph, model.schema(), model.goldenRows());
        yield of(model, () -> classifier, integers(graph, model.schema()));
      }
    };
  }

  private static ServedModel of(
      ServableModel model, Supplier<Classifier> classifiers, List<Integer> integers) {
    return new ServedModel(model.schema(), model.ranges(), model.digest(), classifiers, integers);
  }

  private static List<Integer> integers(OnnxGraph graph, Schema schema) {
    List<OnnxGraph.Input> inputs = graph.inputs();
    return IntStream.range(0, schema.features().size())
        .filter(
            column ->
                inputs.get(inputs.size() == 1 ? 0 : column).type() == OnnxGraph.ElementType.INT64)
        .mapToObj(column -> Iris.FEATURES.indexOf(schema.features().get(column)))
        .toList();
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
