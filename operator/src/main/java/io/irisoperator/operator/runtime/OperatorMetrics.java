package io.irisoperator.operator.runtime;

import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.decide.Decision.PendingEvent;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** The operator's metrics and their registry. */
public final class OperatorMetrics {
  private static final double[] MLFLOW_SECONDS = {
    .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10
  };

  private static final double[] RECONCILE_SECONDS = {
    .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicReference<Supplier<Stream<IrisModel>>> resources =
      new AtomicReference<>(Stream::of);
  private final Counter events;
  private final Histogram mlflow;
  private final Counter webhooks;

  public OperatorMetrics() {
    registry
        .config()
        .meterFilter(new SdkMeters())
        // A resource may be retried for days, and each number would be another time series.
        .meterFilter(
            MeterFilter.replaceTagValues(
                "reconciliations.retries.number", n -> n.equals("0") ? n : "1+"));
    JvmMemoryMetrics.builder().register(registry.getPrometheusRegistry());
    JvmGarbageCollectorMetrics.builder().register(registry.getPrometheusRegistry());
    ProcessMetrics.builder().register(registry.getPrometheusRegistry());
    registry.getPrometheusRegistry().register(new IrisModelCollector(this::watched));
    events =
        Counter.builder()
            .withoutExemplars()
            .name("iris_operator_events_total")
            .help("Events recorded for an IrisModel")
            .labelNames(IrisModelCollector.NAMESPACE, IrisModelCollector.NAME, "reason")
            .register(registry.getPrometheusRegistry());
    mlflow =
        Histogram.builder()
            .withoutExemplars()
            .name("iris_operator_mlflow_request_duration_seconds")
            .help("Duration of requests to MLflow")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(MLFLOW_SECONDS)
            .labelNames("server", "operation", "outcome")
            .register(registry.getPrometheusRegistry());
    webhooks =
        Counter.builder()
            .withoutExemplars()
            .name("iris_operator_webhooks_total")
            .help("Requests to the endpoint for MLflow's webhooks")
            .labelNames("outcome")
            .register(registry.getPrometheusRegistry());
  }

  /** Counts a request to the endpoint for webhooks. */
  public void webhook(String outcome) {
    webhooks.labelValues(outcome).inc();
  }

  /**
   * The SDK gives its meters no help text, which Prometheus' linter rejects, and its timer 270
   * buckets.
   */
  private static final class SdkMeters implements MeterFilter {
    @Override
    public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
      return DistributionStatisticConfig.builder()
          .percentilesHistogram(false)
          .serviceLevelObjectives(
              DoubleStream.of(RECONCILE_SECONDS).map(seconds -> seconds * 1e9).toArray())
          .build()
          .merge(config);
    }

    @Override
    public Meter.Id map(Meter.Id id) {
      return id.getDescription() != null
          ? id
          : new Meter.Id(
              id.getName(),
              Tags.of(id.getTagsAsIterable()),
              id.getBaseUnit(),
              "The Java Operator SDK's " + id.getName(),
              id.getType());
    }
  }

  /** The registry, for the SDK's own meters, too. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Removes the gauges of the SDK's last operator; each gauge reads one operator only. */
  public void resetControllerGauges() {
    registry.getMeters().stream()
        .map(Meter::getId)
        .filter(id -> id.getName().startsWith("operator.sdk") && id.getType() == Meter.Type.GAUGE)
        .toList()
        .forEach(registry::remove);
  }

  /** Reports these resources, as they are in the cache at each scrape. */
  public void watch(Supplier<Stream<IrisModel>> cached) {
    resources.set(cached);
  }

  /** The resources in the cache. */
  public Stream<IrisModel> watched() {
    return resources.get().get();
  }

  /** Counts an Event. */
  public void eventRecorded(IrisModel resource, PendingEvent event) {
    events
        .labelValues(
            resource.getMetadata().getNamespace(),
            resource.getMetadata().getName(),
            event.reason().toString())
        .inc();
  }

  /**
   * Measures the calls to an MLflow server.
   *
   * @param own whether it is the operator's server, or one that an IrisModel names
   */
  public MlflowCallListener mlflowListener(boolean own) {
    String server = own ? "own" : "other";
    return (operation, outcome, duration) ->
        mlflow.labelValues(server, operation, outcome).observe(duration.toNanos() / 1e9);
  }
}
