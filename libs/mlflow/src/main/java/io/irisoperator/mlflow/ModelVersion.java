package io.irisoperator.mlflow;

/**
 * A version of a registered model as MLflow tells of it.
 *
 * @param name the registered model's
 * @param version counted by MLflow, from 1
 * @param runId the run that it came of; empty where it was registered without one
 * @param source where the model folder is: {@code runs:/…/path}, {@code models:/m-…} or an artifact
 *     URI
 * @param ready whether its registration is through
 */
public record ModelVersion(
    String name, String version, String runId, String source, boolean ready) {}
