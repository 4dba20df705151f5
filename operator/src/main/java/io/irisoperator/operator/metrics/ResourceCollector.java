package io.irisoperator.operator.metrics;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The resources as metrics, read at each scrape: what is gone is gone here, too.
 *
 * <p>The labels are not {@code namespace} and {@code name}: those are the target's, the operator's
 * own.
 */
final class ResourceCollector implements MultiCollector {
  static final String NAMESPACE = "irismodel_namespace";
  static final String NAME = "irismodel";

  private final Supplier<Stream<IrisModel>> resources;

  ResourceCollector(Supplier<Stream<IrisModel>> resources) {
    this.resources = resources;
  }

  @Override
  public MetricSnapshots collect() {
    var conditions =
        gauge("iris_operator_condition", "1 where an IrisModel's condition is True, else 0");
    var replicas = gauge("iris_operator_replicas", "Pods that an IrisModel asks for");
    var ready = gauge("iris_operator_ready_replicas", "Pods of an IrisModel that serve");
    var finished =
        gauge(
            "iris_operator_model_finished_timestamp_seconds",
            "When the run ended whose model is served");
    var scores = gauge("iris_operator_model_score", "The scores of the run whose model is served");
    var training =
        gauge(
            "iris_operator_training_phase",
            "1 for the phases of an IrisModel's last trainings, asked for and scheduled");
    resources
        .get()
        .forEach(
            resource -> {
              Labels of =
                  Labels.of(
                      NAMESPACE,
                      resource.getMetadata().getNamespace(),
                      NAME,
                      resource.getMetadata().getName());
              IrisModelSpec spec = resource.getSpec().orDefault();
              IrisModelStatus status =
                  Optional.ofNullable(resource.getStatus()).orElseGet(IrisModelStatus::none);
              replicas.dataPoint(point(of, spec.serving().replicas()));
              ready.dataPoint(point(of, Optional.ofNullable(status.readyReplicas()).orElse(0)));
              for (Condition condition : status.conditions()) {
                Labels labels =
                    of.merge(
                        Labels.of("type", condition.getType(), "reason", condition.getReason()));
                conditions.dataPoint(point(labels, condition.getStatus().equals("True") ? 1 : 0));
              }
              Optional.ofNullable(status.model())
                  .ifPresent(
                      model -> {
                        Optional.ofNullable(model.finished())
                            .map(Instant::parse)
                            .ifPresent(
                                time ->
                                    finished.dataPoint(point(of, (double) time.getEpochSecond())));
                        model
                            .metrics()
                            .forEach(
                                (metric, value) ->
                                    scores.dataPoint(point(of.add("metric", metric), value)));
                      });
              List<TrainingPhase> phases =
                  Stream.of(status.training(), status.scheduledTraining())
                      .flatMap(Stream::ofNullable)
                      .map(IrisModelStatus.Training::phase)
                      .toList();
              for (TrainingPhase each : TrainingPhase.values()) {
                training.dataPoint(
                    point(of.add("phase", each.toString()), phases.contains(each) ? 1 : 0));
              }
            });
    return MetricSnapshots.of(
        conditions.build(),
        replicas.build(),
        ready.build(),
        finished.build(),
        scores.build(),
        training.build());
  }

  private static GaugeSnapshot.Builder gauge(String name, String help) {
    return GaugeSnapshot.builder().name(name).help(help);
  }

  private static GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
