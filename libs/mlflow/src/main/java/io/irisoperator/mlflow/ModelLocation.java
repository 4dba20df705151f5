package io.irisoperator.mlflow;

/**
 * Where a model folder is.
 *
 * @param name the name that the model was logged under, such as {@code iris-model}
 * @param artifactUri the folder, below its run or, for a logged model of MLflow 3, on its own
 */
public record ModelLocation(String name, String artifactUri) {}
