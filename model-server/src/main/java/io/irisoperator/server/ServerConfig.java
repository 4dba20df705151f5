package io.irisoperator.server;

import io.micronaut.context.annotation.ConfigurationProperties;
import io.micronaut.core.bind.annotation.Bindable;
import java.net.URI;
import java.time.Duration;

/**
 * Everything the server can be told, from the environment.
 *
 * @param trackingUri {@code IRIS_TRACKING_URI}: MLflow's address
 * @param runId {@code IRIS_RUN_ID}: the run whose model to serve
 * @param artifactPath {@code IRIS_ARTIFACT_PATH}: the model folder's name below the run
 * @param modelVersion {@code IRIS_MODEL_VERSION}: in MLflow's registry; empty where it has none
 * @param modelDigest {@code IRIS_MODEL_DIGEST}: what the folder's digest must be
 * @param drain {@code IRIS_DRAIN}: how long to go on listening once not ready any more
 */
@ConfigurationProperties("iris")
public record ServerConfig(
    URI trackingUri,
    String runId,
    @Bindable(defaultValue = "iris-model") String artifactPath,
    @Bindable(defaultValue = "") String modelVersion,
    String modelDigest,
    @Bindable(defaultValue = "5s") Duration drain) {}
