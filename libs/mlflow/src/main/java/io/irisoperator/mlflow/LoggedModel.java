package io.irisoperator.mlflow;

/**
 * A logged model of MLflow 3: a model with an id, parameters and metrics of its own.
 *
 * @param modelId such as {@code m-0f3c…}
 * @param artifactUri the model folder, such as {@code mlflow-artifacts:/1/models/m-0f3c…/artifacts}
 */
public record LoggedModel(String modelId, String artifactUri) {}
