package io.irisoperator.model;

/** The type of a forest's input. ONNX Runtime also uses it for comparisons and sums. */
public enum Precision {
  FLOAT32,
  FLOAT64
}
