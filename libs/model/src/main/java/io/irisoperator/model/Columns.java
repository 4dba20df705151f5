package io.irisoperator.model;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Finds out which feature each column of a model is. */
final class Columns {
  private Columns() {}

  /**
   * The names of a model's features, in the order of its columns. Names in the graph come first,
   * then those in the signature, then those in the file's metadata; without any, the order is that
   * of {@link Iris#FEATURES}.
   *
   * @throws InvalidModelException if the model does not have the four features
   */
  static List<String> of(OnnxModel onnx, Optional<MlmodelFile> mlmodel)
      throws InvalidModelException {
    long count =
        switch (onnx) {
          case OnnxForest forest -> forest.forest().featureCount();
          case OnnxGraph graph -> count(graph.inputs());
        };
    if (count != Iris.FEATURES.size()) {
      throw new InvalidModelException(
          "it has %d features, Iris has %d: %s"
              .formatted(count, Iris.FEATURES.size(), String.join(", ", Iris.FEATURES)));
    }
    if (onnx instanceof OnnxGraph graph && graph.inputs().size() > 1) {
      return named("inputs", graph.inputs().stream().map(OnnxGraph.Input::name).toList());
    }
    Optional<List<String>> signature =
        mlmodel.isPresent() ? mlmodel.get().columns() : Optional.empty();
    if (signature.isPresent()) {
      return named("columns of its signature in MLmodel", signature.get());
    }
    Optional<List<String>> metadata = onnx.metadata().names(OnnxMetadata.FEATURE_NAMES);
    return metadata.isPresent() ? named("metadata feature_names", metadata.get()) : Iris.FEATURES;
  }

  private static long count(List<OnnxGraph.Input> inputs) throws InvalidModelException {
    if (inputs.size() == 1) {
      long columns = inputs.getFirst().columns();
      return columns == 0 ? Iris.FEATURES.size() : columns;
    }
    for (OnnxGraph.Input input : inputs) {
      if (input.columns() > 1) {
        throw new InvalidModelException(
            "input %s has %d columns: export one input with all features, or one input for each"
                .formatted(input.name(), input.columns()));
      }
    }
    return inputs.size();
  }

  private static List<String> named(String what, List<String> names) throws InvalidModelException {
    List<String> features = new ArrayList<>();
    for (String name : names) {
      Iris.featureIndex(name).map(Iris.FEATURES::get).ifPresent(features::add);
    }
    if (names.size() != Iris.FEATURES.size()
        || new HashSet<>(features).size() != Iris.FEATURES.size()) {
      throw new InvalidModelException(
          "the %s are %s, want each of %s".formatted(what, names, Iris.FEATURES));
    }
    return features;
  }
}
