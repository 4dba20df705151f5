package io.irisoperator.forest;

/** The type of a forest's input, which ONNX Runtime also compares and adds in. */
public enum Precision {
  FLOAT32,
  FLOAT64
}
