package io.irisoperator.contract;

/** Names and labels of the model server's metrics, as Prometheus shows them. */
public final class ModelServerMetrics {
  /** Counter of answered requests, by {@link #METHOD}, {@link #ENDPOINT} and {@link #STATUS}. */
  public static final String REQUESTS = "iris_api_requests_total";

  /** Histogram of request durations in seconds, by {@link #ENDPOINT}. */
  public static final String REQUEST_DURATION = "iris_api_request_duration_seconds";

  /** Gauge of requests in flight. */
  public static final String ACTIVE_REQUESTS = "iris_api_active_requests";

  /** Gauge: 1 while the server is ready. */
  public static final String HEALTH = "iris_api_health";

  /** Counter of predicted rows, by {@link #PREDICTED_CLASS}. */
  public static final String PREDICTIONS = "iris_predictions_total";

  /** Counter of predicted rows with a feature outside the range of the training data. */
  public static final String ROWS_OUT_OF_RANGE = "iris_rows_out_of_range_total";

  /** Histogram of the predicted class' probability, by {@link #PREDICTED_CLASS}. */
  public static final String CONFIDENCE = "iris_prediction_confidence";

  /** Gauge: 1 while a verified model is loaded. */
  public static final String MODEL_LOADED = "iris_model_loaded";

  /** Histogram of the seconds that loading a model takes. */
  public static final String MODEL_LOAD_DURATION = "iris_model_load_duration_seconds";

  /** Gauge: 1, with the served model in its labels. */
  public static final String MODEL_INFO = "iris_model_info";

  /** Requests per second and pod, from a metrics adapter; the autoscaler's metric. */
  public static final String REQUESTS_PER_SECOND = "iris_api_requests_per_second";

  public static final String METHOD = "method";
  public static final String ENDPOINT = "endpoint";
  public static final String STATUS = "status";
  public static final String PREDICTED_CLASS = "predicted_class";
  public static final String RUN_ID = "run_id";
  public static final String MODEL_VERSION = "model_version";
  public static final String DIGEST = "digest";

  /** The endpoint that rollouts and alerts watch. */
  public static final String PREDICT = "/predict";

  private ModelServerMetrics() {}
}
