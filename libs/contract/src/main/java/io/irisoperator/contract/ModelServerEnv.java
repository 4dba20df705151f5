package io.irisoperator.contract;

/** The environment variables that the operator sets in a model server's pod. */
public final class ModelServerEnv {
  /** The name of the model in the URLs of the KServe protocols: the IrisModel's name. */
  public static final String MODEL_NAME = "IRIS_MODEL_NAME";

  /** MLflow's address. */
  public static final String TRACKING_URI = "IRIS_TRACKING_URI";

  /** The MLflow run whose model is served. */
  public static final String RUN_ID = "IRIS_RUN_ID";

  /** Where MLflow keeps the model folder. */
  public static final String ARTIFACT_URI = "IRIS_ARTIFACT_URI";

  /** The digest that the model folder must have, {@code sha256:…}. */
  public static final String MODEL_DIGEST = "IRIS_MODEL_DIGEST";

  /** The version in MLflow's model registry. */
  public static final String MODEL_VERSION = "IRIS_MODEL_VERSION";

  /** The folder that the stored copy of the model is mounted at. */
  public static final String MODEL_COPY = "IRIS_MODEL_COPY";

  /** The number of parts of that copy. */
  public static final String MODEL_COPY_PARTS = "IRIS_MODEL_COPY_PARTS";

  /** The port of probes and metrics, if it is not the port of predictions. */
  public static final String MANAGEMENT_PORT = "IRIS_MANAGEMENT_PORT";

  /** The folder with the SHA-256 digests of the allowed bearer tokens. */
  public static final String TOKENS = "IRIS_TOKENS";

  /** The folder with {@code tls.crt} and {@code tls.key}. */
  public static final String TLS = "IRIS_TLS";

  private ModelServerEnv() {}
}
