package io.irisoperator.model;

import java.util.List;

/**
 * What a model takes and gives.
 *
 * @param features the names of its columns, in their order
 * @param labels of its classes, in the order of its probabilities
 * @param classNames what people call the classes, in the same order
 */
public record Schema(List<String> features, ClassLabels labels, List<String> classNames) {
  public Schema {
    features = List.copyOf(features);
    classNames = List.copyOf(classNames);
  }

  public int classCount() {
    return labels.count();
  }
}
