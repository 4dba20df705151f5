package io.irisoperator.contract;

/** The headers of a prediction's response. */
public final class ModelHeaders {
  /** The MLflow run of the model that answered. */
  public static final String RUN_ID = "x-model-run-id";

  /** The digest of that model. */
  public static final String DIGEST = "x-model-digest";

  /** The request's id. */
  public static final String REQUEST_ID = "x-request-id";

  private ModelHeaders() {}
}
