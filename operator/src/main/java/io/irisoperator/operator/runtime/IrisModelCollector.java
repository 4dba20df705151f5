package io.irisoperator.operator.runtime;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
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
 * IrisModels as metrics, read from the cache at each scrape.
 *
 * <p>The labels are not {@code namespace} and {@code name}, which are the labels of the scraped
 * target.
 */
final class IrisModelCollector implements MultiCollector {
  static final String NAMESPACE = "irismodel_namespace";
  static final String NAME = "irismodel";

  private final Supplier<Stream<IrisModel>> resources;

  IrisModelCollector(Supplier<Stream<IrisModel>> resources) {
    this.resources = resources;
  }

  @Override
  public MetricSnapshots collect() {
    var conditions =
        gauge("iris_operator_condition", "1 if the condition of an IrisModel is True, else 0");
    var replicas = gauge("iris_operator_replicas", "Requested pods of an IrisModel");
    var ready = gauge("iris_operator_ready_replicas", "Ready pods of an IrisModel");
    var finished =
        gauge(
            "iris_operator_model_finished_timestamp_seconds",
            "When the run of the served model finished");
    var scores = gauge("iris_operator_model_score", "Scores of the served model");
    var training =
        gauge(
            "iris_operator_training_phase",
            "1 for the phases of an IrisModel's last trainings, one for each trigger");
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
              IrisModelSpec spec = resource.getSpec();
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
                  status.trainings().stream().map(TrainingStatus::phase).toList();
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
