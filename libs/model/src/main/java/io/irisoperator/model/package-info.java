/** The model file (an MLflow model folder with an ONNX forest in it) and its evaluator. */
package io.irisoperator.model;
