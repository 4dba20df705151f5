package io.irisoperator.server;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Proxies;
import io.irisoperator.config.Setting;
import io.irisoperator.contract.ModelServerEnv;
import io.irisoperator.mlflow.MlflowAccess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The server's configuration, read from the environment.
 *
 * @param mlflow where to load the model from if there is no stored copy
 * @param model the model to serve
 * @param listener where the server listens, and who may connect
 * @param limits limits on requests
 * @param drain how long the server keeps listening after it reports not ready
 * @param loggedRequests which requests are logged
 */
public record ServerConfig(
    Mlflow mlflow,
    Model model,
    Listener listener,
    Limits limits,
    Duration drain,
    LoggedRequests loggedRequests) {

  /**
   * An MLflow server.
   *
   * @param access what it is reached with
   * @param proxies that lead to it
   */
  public record Mlflow(URI trackingUri, MlflowAccess access, Proxies proxies) {}

  /**
   * The pinned model.
   *
   * @param name the name in the URLs of the KServe protocols
   * @param runId the MLflow run that logged it
   * @param registeredVersion the version in MLflow's model registry, if it is registered
   * @param digest the digest that the model folder must have, {@code sha256:…}
   * @param artifactUri where MLflow keeps the model folder
   * @param copy the folder with the stored copy, which is preferred to MLflow's
   * @param copyParts the number of parts of the stored copy
   */
  public record Model(
      String name,
      String runId,
      Optional<String> registeredVersion,
      String digest,
      String artifactUri,
      Optional<Path> copy,
      int copyParts) {

    /** The version that protocols report: the registered version, otherwise the run ID. */
    public String version() {
      return registeredVersion.orElse(runId);
    }
  }

  /**
   * Where the server listens, and who may connect.
   *
   * @param port the port of all endpoints, or 0 for any free one
   * @param managementPort a second port, for probes and metrics only
   * @param tokens a folder with the hashes of the allowed bearer tokens; without it, all clients
   *     are allowed
   * @param tls a folder with a certificate and its key; with it, {@code port} serves TLS
   */
  public record Listener(
      int port, Optional<Integer> managementPort, Optional<Path> tokens, Optional<Path> tls) {}

  /**
   * Limits on requests.
   *
   * @param maxConcurrentRequests the max number of requests in flight
   * @param requestTimeout the max time from a request's first byte to its last
   */
  public record Limits(int maxConcurrentRequests, Duration requestTimeout) {}

  /** Which requests are logged. */
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

  private static final Setting TRACKING_URI =
      Setting.required(ModelServerEnv.TRACKING_URI, "MLflow's address, http or https");
  private static final Setting RUN_ID =
      Setting.required(ModelServerEnv.RUN_ID, "the MLflow run whose model is served");
  private static final Setting ARTIFACT_URI =
      Setting.required(
          ModelServerEnv.ARTIFACT_URI,
          "the model folder: `mlflow-artifacts:/…`, `runs:/…` or `models:/…`");
  private static final Setting MODEL_COPY =
      Setting.optional(
          ModelServerEnv.MODEL_COPY,
          "a folder with the model folder as a ZIP in parts; if a part is missing, the model is downloaded from MLflow");
  private static final Setting MODEL_COPY_PARTS =
      Setting.withDefault(ModelServerEnv.MODEL_COPY_PARTS, "1", "the number of parts of that ZIP");
  private static final Setting MODEL_NAME =
      Setting.withDefault(
          ModelServerEnv.MODEL_NAME,
          "iris",
          "the name of the model in `/v2/models/…` and `/v1/models/…`");
  private static final Setting MODEL_VERSION =
      Setting.optional(
          ModelServerEnv.MODEL_VERSION,
          "the version in MLflow's model registry, which responses report");
  private static final Setting MODEL_DIGEST =
      Setting.required(
          ModelServerEnv.MODEL_DIGEST, "the digest that the model folder must have, `sha256:…`");
  private static final Setting DRAIN =
      Setting.withDefault(
          "IRIS_DRAIN_SECONDS",
          "5",
          "how long the server keeps listening after it reports not ready");
  private static final Setting PORT =
      Setting.withDefault("IRIS_PORT", "8080", "the port to listen on; 0 for any free port");
  private static final Setting MANAGEMENT_PORT =
      Setting.optional(
          ModelServerEnv.MANAGEMENT_PORT,
          "a second port for probes and metrics only, without TLS or tokens");
  private static final Setting TOKENS =
      Setting.optional(
          ModelServerEnv.TOKENS,
          "a folder with one file for each client: the SHA-256 of its bearer token, in hexadecimal; without it, all clients are allowed");
  private static final Setting TLS =
      Setting.optional(
          ModelServerEnv.TLS,
          "a folder with `tls.crt` and `tls.key`; with it, the port serves TLS, and picks up new files within seconds");
  private static final Setting MAX_CONCURRENT_REQUESTS =
      Setting.withDefault(
          "IRIS_MAX_CONCURRENT_REQUESTS",
          "64",
          "the max number of requests in flight; more get a 503. Single predictions on the fast path do not count");
  private static final Setting REQUEST_TIMEOUT =
      Setting.withDefault(
          "IRIS_REQUEST_TIMEOUT_SECONDS", "10", "the max time a client may take to send a request");
  private static final Setting LOG_REQUESTS =
      Setting.withDefault(
          "LOG_REQUESTS",
          "failed",
          "which requests are logged: `none`, `failed` (status 400 and above) or `all`");

  /** All settings, for the documentation. */
  public static final List<Setting> SETTINGS =
      Setting.concat(
          List.of(
              List.of(TRACKING_URI),
              MlflowAccess.SETTINGS,
              Proxies.SETTINGS,
              List.of(
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
                  Setting.LOG_LEVEL)));

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException if a variable is missing or invalid; the message names it
   */
  public static ServerConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    return new ServerConfig(
        new Mlflow(env.uri(TRACKING_URI), MlflowAccess.from(env), Proxies.of(env)),
        new Model(
            env.text(MODEL_NAME),
            env.text(RUN_ID),
            env.optional(MODEL_VERSION),
            env.text(MODEL_DIGEST),
            env.text(ARTIFACT_URI),
            env.optional(MODEL_COPY).map(Path::of),
            env.integer(MODEL_COPY_PARTS, 1)),
        new Listener(
            env.integer(PORT, 0),
            env.optional(MANAGEMENT_PORT).map(value -> env.integer(MANAGEMENT_PORT, 1)),
            env.optional(TOKENS).map(Path::of),
            env.optional(TLS).map(Path::of)),
        new Limits(env.integer(MAX_CONCURRENT_REQUESTS, 1), env.seconds(REQUEST_TIMEOUT, 1)),
        env.seconds(DRAIN, 0),
        env.oneOf(LOG_REQUESTS, LoggedRequests.class));
  }
}
