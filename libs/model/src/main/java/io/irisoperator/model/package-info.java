/** A servable model: its MLflow model folder with an ONNX forest, its archive, its evaluator. */
package io.irisoperator.model;
