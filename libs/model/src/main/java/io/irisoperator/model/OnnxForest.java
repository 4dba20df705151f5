package io.irisoperator.model;

import java.util.List;

/** A plain forest, which {@link Evaluator} evaluates. */
public record OnnxForest(Forest forest, ClassLabels labels, OnnxMetadata metadata)
    implements OnnxModel {

  /** A forest whose labels are the positions of its classes, without metadata. */
  public static OnnxForest of(Forest forest) {
    return new OnnxForest(forest, ClassLabels.positions(forest.classCount()), OnnxMetadata.NONE);
  }

  /**
   * The forest with its features in the order of {@link Iris#FEATURES}.
   *
   * @param features the names of its features, in the order that they have now
   */
  OnnxForest withFeatures(List<String> features) {
    return features.equals(Iris.FEATURES)
        ? this
        : new OnnxForest(
            forest.withFeatures(features.stream().map(Iris.FEATURES::indexOf).toList()),
            labels,
            metadata);
  }
}
