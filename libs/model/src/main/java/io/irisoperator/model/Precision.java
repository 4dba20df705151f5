package io.irisoperator.model;

/** The type of a forest's input, which ONNX Runtime also compares and adds in. */
public enum Precision {
  FLOAT32,
  FLOAT64
}
