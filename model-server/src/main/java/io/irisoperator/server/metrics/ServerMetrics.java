package io.irisoperator.server.metrics;

import io.irisoperator.model.ServableModel;
import io.irisoperator.server.ServerConfig;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import jakarta.inject.Singleton;
import java.util.List;

/** The server's own metrics, beside the JVM's. */
@Singleton
public final class ServerMetrics {
  private static final double[] REQUEST_SECONDS = {
    .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1
  };
  private static final double[] CONFIDENCE = {.5, .6, .7, .8, .9, .95, .99, 1};
  private static final double[] LOAD_SECONDS = {.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

  private final Counter requests;
  private final Histogram requestSeconds;
  private final Counter predictions;
  private final Histogram confidence;
  private final Gauge modelLoaded;
  private final Gauge health;
  private final Histogram loadSeconds;
  private final Gauge activeRequests;
  private final Info modelInfo;

  ServerMetrics(PrometheusRegistry registry) {
    requests =
        Counter.builder()
            .withoutExemplars()
            .name("iris_api_requests_total")
            .help("Requests answered, by the route's template, never the raw path")
            .labelNames("method", "endpoint", "status")
            .register(registry);
    requestSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name("iris_api_request_duration_seconds")
            .help("From the request's head read to its answer made")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(REQUEST_SECONDS)
            .labelNames("endpoint")
            .register(registry);
    predictions =
        Counter.builder()
            .withoutExemplars()
            .name("iris_predictions_total")
            .help("Rows predicted")
            .labelNames("predicted_class")
            .register(registry);
    confidence =
        Histogram.builder()
            .withoutExemplars()
            .name("iris_prediction_confidence")
            .help("Probability of the predicted class")
            .classicOnly()
            .classicUpperBounds(CONFIDENCE)
            .labelNames("predicted_class")
            .register(registry);
    modelLoaded = gauge(registry, "iris_model_loaded", "1 when a verified model is loaded");
    health = gauge(registry, "iris_api_health", "1 when the server is healthy");
    loadSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name("iris_model_load_duration_seconds")
            .help("From asking MLflow to a verified model")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(LOAD_SECONDS)
            .register(registry);
    activeRequests = gauge(registry, "iris_api_active_requests", "Requests being answered");
    // Rendered as iris_model_info.
    modelInfo =
        Info.builder()
            .name("iris_model")
            .help("1 for the model that is served")
            .labelNames("run_id", "model_version", "digest")
            .register(registry);
  }

  private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
    return Gauge.builder().withoutExemplars().name(name).help(help).register(registry);
  }

  public void requestStarted() {
    activeRequests.inc();
  }

  public void requestEnded(String method, String endpoint, int status, long nanos) {
    activeRequests.dec();
    requests.labelValues(method, endpoint, Integer.toString(status)).inc();
    requestSeconds.labelValues(endpoint).observe(nanos / 1e9);
  }

  public void predicted(String className, double probability) {
    predictions.labelValues(className).inc();
    confidence.labelValues(className).observe(atMostOne(probability));
  }

  /** The trees' shares, summed in float32, may come to a bit more. */
  static double atMostOne(double probability) {
    return Math.min(1, probability);
  }

  /** For the plain ones, which are counted by {@link PredictMetrics#answered} alone. */
  public PredictMetrics predictMetrics(List<String> classNames) {
    String predict = "/predict";
    return new PredictMetrics(
        requests.labelValues("POST", predict, "200"),
        requestSeconds.labelValues(predict),
        classNames.stream().map(predictions::labelValues).toList(),
        classNames.stream().map(confidence::labelValues).toList());
  }

  public void modelLoaded(ServerConfig config, ServableModel model, long nanos) {
    loadSeconds.observe(nanos / 1e9);
    modelInfo.setLabelValues(config.runId(), config.modelVersion(), model.digest());
    modelLoaded.set(1);
    health.set(1);
    for (String name : model.classNames()) {
      // A counter that is there before its first event has a rate from the first event on.
      predictions.initLabelValues(name);
      confidence.initLabelValues(name);
    }
  }

  public void draining() {
    health.set(0);
  }
}
