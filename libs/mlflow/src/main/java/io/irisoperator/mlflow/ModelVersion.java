package io.irisoperator.mlflow;

/**
 * A version of a registered model.
 *
 * @param name the registered model
 * @param version a number from 1, assigned by MLflow
 * @param runId the run that the model comes from; empty if it was registered without one
 * @param source the model folder: {@code runs:/…/path}, {@code models:/m-…} or an artifact URI
 * @param ready whether its registration is complete
 */
public record ModelVersion(
    String name, String version, String runId, String source, boolean ready) {}
