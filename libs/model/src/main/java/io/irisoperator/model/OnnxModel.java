package io.irisoperator.model;

/** The content of a {@code model.onnx}. */
public sealed interface OnnxModel permits OnnxForest, OnnxGraph {
  /** The labels of its classes, in the order of its probabilities. */
  ClassLabels labels();

  OnnxMetadata metadata();
}
