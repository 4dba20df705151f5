package io.irisoperator.server;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Setting;
import io.irisoperator.contract.ModelServerEnv;
import io.irisoperator.mlflow.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the server can be told, from the environment.
 *
 * @param trackingUri MLflow's address
 * @param credentials for an MLflow that asks for them
 * @param runId the run whose model to serve
 * @param artifactUri where MLflow keeps the model folder
 * @param modelCopy a copy of the model folder at hand, which is read instead of MLflow's
 * @param modelCopyParts how many files that copy has
 * @param modelVersion in MLflow's registry; empty where it has none
 * @param modelDigest what the folder's digest must be
 * @param drain how long to go on listening once not ready any more
 * @param port what to listen on
 * @param loggedRequests which requests get a line in the log
 */
public record ServerConfig(
    URI trackingUri,
    Optional<Credentials> credentials,
    String runId,
    String artifactUri,
    Optional<Path> modelCopy,
    int modelCopyParts,
    String modelName,
    String modelVersion,
    String modelDigest,
    Duration drain,
    int port,
    Optional<Integer> managementPort,
    Optional<Path> tokens,
    Optional<Path> tls,
    int maxConcurrentRequests,
    Duration requestTimeout,
    LoggedRequests loggedRequests) {

  private static final Setting TRACKING_URI =
      Setting.required(ModelServerEnv.TRACKING_URI, "MLflow's address, http or https");
  private static final Setting RUN_ID =
      Setting.required(ModelServerEnv.RUN_ID, "the MLflow run whose model to serve");
  private static final Setting ARTIFACT_URI =
      Setting.required(
          ModelServerEnv.ARTIFACT_URI,
          "where MLflow keeps the model folder, `mlflow-artifacts:/…`");
  private static final Setting MODEL_COPY =
      Setting.optional(
          ModelServerEnv.MODEL_COPY,
          "a folder with the model's ZIP in parts; MLflow is asked where they are not all there");
  private static final Setting MODEL_COPY_PARTS =
      Setting.withDefault(ModelServerEnv.MODEL_COPY_PARTS, "1", "how many parts that ZIP has");
  private static final Setting MODEL_NAME =
      Setting.withDefault(
          ModelServerEnv.MODEL_NAME,
          "iris",
          "what `/v2/models/…` and `/v1/models/…` call the model");
  private static final Setting MODEL_VERSION =
      Setting.optional(
          ModelServerEnv.MODEL_VERSION, "the version in MLflow's registry, to be told");
  private static final Setting MODEL_DIGEST =
      Setting.required(
          ModelServerEnv.MODEL_DIGEST, "what the model folder's digest must be, `sha256:…`");
  private static final Setting DRAIN =
      Setting.withDefault(
          "IRIS_DRAIN_SECONDS", "5", "how long to go on listening once not ready any more");
  private static final Setting PORT =
      Setting.withDefault("IRIS_PORT", "8080", "what to listen on; 0 for any that is free");
  private static final Setting MANAGEMENT_PORT =
      Setting.optional(
          ModelServerEnv.MANAGEMENT_PORT,
          "a second port, of probes and metrics only, without TLS or tokens");
  private static final Setting TOKENS =
      Setting.optional(
          ModelServerEnv.TOKENS,
          "a folder with a file for each client, of its bearer token's SHA-256 in hexadecimal digits; without it everybody is let in");
  private static final Setting TLS =
      Setting.optional(
          ModelServerEnv.TLS,
          "a folder with `tls.crt` and `tls.key`; with it the port speaks TLS, and takes new ones within seconds");
  private static final Setting MAX_CONCURRENT_REQUESTS =
      Setting.withDefault(
          "IRIS_MAX_CONCURRENT_REQUESTS",
          "64",
          "more at a time are answered by 503; plain predictions are not counted, they are answered at once");
  private static final Setting REQUEST_TIMEOUT =
      Setting.withDefault(
          "IRIS_REQUEST_TIMEOUT_SECONDS",
          "10",
          "how long a client may take to send a request it has begun");
  private static final Setting LOG_REQUESTS =
      Setting.withDefault(
          "LOG_REQUESTS",
          "failed",
          "which requests get a line in the log: `none`, `failed` (status 400 and above) or `all`");

  /** Every one, for the documentation. */
  public static final List<Setting> SETTINGS =
      List.of(
          TRACKING_URI,
          Setting.MLFLOW_USERNAME,
          Setting.MLFLOW_PASSWORD,
          RUN_ID,
          ARTIFACT_URI,
          MODEL_COPY,
          MODEL_COPY_PARTS,
          MODEL_NAME,
          MODEL_VERSION,
          MODEL_DIGEST,
          DRAIN,
          PORT,
          MANAGEMENT_PORT,
          TOKENS,
          TLS,
          MAX_CONCURRENT_REQUESTS,
          REQUEST_TIMEOUT,
          LOG_REQUESTS,
          Setting.LOG_FORMAT,
          Setting.LOG_LEVEL);

  /** Which requests get a line in the log. */
  public enum LoggedRequests {
    NONE("none"),
    FAILED("failed"),
    ALL("all");

    private final String text;

    LoggedRequests(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** What protocols call the version: the registry's, else the run. */
  public String servedVersion() {
    return modelVersion.isEmpty() ? runId : modelVersion;
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong
   */
  public static ServerConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    return new ServerConfig(
        env.uri(TRACKING_URI),
        env.optional(Setting.MLFLOW_USERNAME)
            .map(name -> new Credentials(name, env.text(Setting.MLFLOW_PASSWORD))),
        env.text(RUN_ID),
        env.text(ARTIFACT_URI),
        env.optional(MODEL_COPY).map(Path::of),
        env.integer(MODEL_COPY_PARTS, 1),
        env.text(MODEL_NAME),
        env.optional(MODEL_VERSION).orElse(""),
        env.text(MODEL_DIGEST),
        env.seconds(DRAIN, 0),
        env.integer(PORT, 0),
        env.optional(MANAGEMENT_PORT).map(value -> env.integer(MANAGEMENT_PORT, 1)),
        env.optional(TOKENS).map(Path::of),
        env.optional(TLS).map(Path::of),
        env.integer(MAX_CONCURRENT_REQUESTS, 1),
        env.seconds(REQUEST_TIMEOUT, 1),
        env.oneOf(LOG_REQUESTS, LoggedRequests.class));
  }
}
