package io.irisoperator.server.metrics;

import io.irisoperator.contract.ModelServerMetrics;
import io.irisoperator.model.Schema;
import io.irisoperator.server.ServerConfig;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import jakarta.inject.Singleton;
import java.util.List;

/** The server's own metrics. */
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
  private final Counter outOfRange;
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
            .name(ModelServerMetrics.REQUESTS)
            .help("Number of requests, by route template")
            .labelNames(
                ModelServerMetrics.METHOD, ModelServerMetrics.ENDPOINT, ModelServerMetrics.STATUS)
            .register(registry);
    requestSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name(ModelServerMetrics.REQUEST_DURATION)
            .help("Duration of requests in seconds, from the parsed head to the response")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(REQUEST_SECONDS)
            .labelNames(ModelServerMetrics.ENDPOINT)
            .register(registry);
    predictions =
        Counter.builder()
            .withoutExemplars()
            .name(ModelServerMetrics.PREDICTIONS)
            .help("Number of predicted rows, by class")
            .labelNames(ModelServerMetrics.PREDICTED_CLASS)
            .register(registry);
    outOfRange =
        Counter.builder()
            .withoutExemplars()
            .name(ModelServerMetrics.ROWS_OUT_OF_RANGE)
            .help("Number of predicted rows with a feature outside the range of the training data")
            .register(registry);
    confidence =
        Histogram.builder()
            .withoutExemplars()
            .name(ModelServerMetrics.CONFIDENCE)
            .help("Probability of the predicted class")
            .classicOnly()
            .classicUpperBounds(CONFIDENCE)
            .labelNames(ModelServerMetrics.PREDICTED_CLASS)
            .register(registry);
    modelLoaded =
        gauge(registry, ModelServerMetrics.MODEL_LOADED, "1 if a verified model is loaded");
    health = gauge(registry, ModelServerMetrics.HEALTH, "1 if the server is ready");
    loadSeconds =
        Histogram.builder()
            .withoutExemplars()
            .name(ModelServerMetrics.MODEL_LOAD_DURATION)
            .help("Duration of loading and verifying the model in seconds")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(LOAD_SECONDS)
            .register(registry);
    activeRequests =
        gauge(registry, ModelServerMetrics.ACTIVE_REQUESTS, "Number of requests in flight");
    modelInfo =
        Info.builder()
            .name(ModelServerMetrics.MODEL_INFO)
            .help("Always 1; the labels identify the served model")
            .labelNames(
                ModelServerMetrics.RUN_ID,
                ModelServerMetrics.MODEL_VERSION,
                ModelServerMetrics.DIGEST)
            .register(registry);
  }

  private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
    return Gauge.builder().withoutExemplars().name(name).help(help).register(registry);
  }

  /** Counts a request as in flight. */
  public void requestStarted() {
    activeRequests.inc();
  }

  /** Counts a request that was in flight as finished. */
  public void requestEnded(String method, String endpoint, int status, long nanos) {
    activeRequests.dec();
    requests.labelValues(method, endpoint, Integer.toString(status)).inc();
    requestSeconds.labelValues(endpoint).observe(nanos / 1e9);
  }

  /** Counts a predicted row. */
  public void predicted(String className, double probability) {
    predictions.labelValues(className).inc();
    confidence.labelValues(className).observe(atMostOne(probability));
  }

  /** Counts a predicted row with a feature outside the range of the training data. */
  public void outOfRange() {
    outOfRange.inc();
  }

  /** The probabilities of the trees, summed in float32, may slightly exceed 1. */
  static double atMostOne(double probability) {
    return Math.min(1, probability);
  }

  /** Metrics of the fast path, bound to their labels. */
  public PredictMetrics predictMetrics(List<String> classNames) {
    return new PredictMetrics(
        requests.labelValues("POST", ModelServerMetrics.PREDICT, "200"),
        requestSeconds.labelValues(ModelServerMetrics.PREDICT),
        classNames.stream().map(predictions::labelValues).toList(),
        classNames.stream().map(confidence::labelValues).toList());
  }

  /** Records the model that is served from now on, and how long loading it took. */
  public void modelLoaded(ServerConfig config, Schema schema, String digest, long nanos) {
    loadSeconds.observe(nanos / 1e9);
    modelInfo.setLabelValues(
        config.model().runId(), config.model().registeredVersion().orElse(""), digest);
    modelLoaded.set(1);
    health.set(1);
    for (String name : schema.classNames()) {
      // A counter that exists before its first event has a rate from that event on.
      predictions.initLabelValues(name);
      confidence.initLabelValues(name);
    }
  }

  /** Records that the server is no longer ready. */
  public void draining() {
    health.set(0);
  }
}
