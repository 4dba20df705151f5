package io.irisoperator.operator.metrics;

import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.decide.Decision.Note;
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

/** The operator's metrics: its registry, and what it counts itself. */
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

  public OperatorMetrics() {
    registry
        .config()
        .meterFilter(new SdkMeters())
        // A resource may be retried for days: each number would be a time series of its own.
        .meterFilter(
            MeterFilter.replaceTagValues(
                "reconciliations.retries.number", n -> n.equals("0") ? n : "1+"));
    JvmMemoryMetrics.builder().register(registry.getPrometheusRegistry());
    JvmGarbageCollectorMetrics.builder().register(registry.getPrometheusRegistry());
    ProcessMetrics.builder().register(registry.getPrometheusRegistry());
    registry.getPrometheusRegistry().register(new ResourceCollector(() -> resources.get().get()));
    events =
        Counter.builder()
            .withoutExemplars()
            .name("iris_operator_events_total")
            .help("Events written about an IrisModel")
            .labelNames(ResourceCollector.NAMESPACE, ResourceCollector.NAME, "reason")
            .register(registry.getPrometheusRegistry());
    mlflow =
        Histogram.builder()
            .withoutExemplars()
            .name("iris_operator_mlflow_request_duration_seconds")
            .help("How long MLflow takes to answer")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(MLFLOW_SECONDS)
            .labelNames("server", "operation", "outcome")
            .register(registry.getPrometheusRegistry());
  }

  /**
   * The SDK describes none of its meters, which Prometheus' linter minds, and gives its timer 270
   * buckets, which nobody needs.
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

  /** For what the SDK counts. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Another operator of the SDK's is to count: its gauges look at one operator alone. */
  public void beginAnew() {
    registry.getMeters().stream()
        .map(Meter::getId)
        .filter(id -> id.getName().startsWith("operator.sdk") && id.getType() == Meter.Type.GAUGE)
        .toList()
        .forEach(registry::remove);
  }

  /** From now on tells of these resources, as they are in the cache at each scrape. */
  public void watch(Supplier<Stream<IrisModel>> cached) {
    resources.set(cached);
  }

  /** An Event was written. */
  public void recorded(IrisModel resource, Note note) {
    events
        .labelValues(
            resource.getMetadata().getNamespace(),
            resource.getMetadata().getName(),
            note.reason().toString())
        .inc();
  }

  /**
   * Is told of the calls to an MLflow server.
   *
   * @param own whether it is the operator's own, or one that an IrisModel names
   */
  public MlflowCallListener mlflowCalls(boolean own) {
    String server = own ? "own" : "other";
    return (operation, outcome, duration) ->
        mlflow.labelValues(server, operation, outcome).observe(duration.toNanos() / 1e9);
  }
}
