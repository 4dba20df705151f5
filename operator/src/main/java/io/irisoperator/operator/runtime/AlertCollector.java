package io.irisoperator.operator.runtime;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.monitoring.AlertMetrics;
import io.irisoperator.operator.monitoring.AlertRules;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the alerts of all IrisModels join, read from the cache at each scrape. */
public final class AlertCollector implements MultiCollector {
  private final AlertRules rules;
  private final Supplier<Stream<IrisModel>> irisModels;
  private final BooleanSupplier knowsAll;

  /**
   * A collector.
   *
   * @param knowsAll whether the cache is in step with the API server
   */
  public AlertCollector(
      AlertRules rules, Supplier<Stream<IrisModel>> irisModels, BooleanSupplier knowsAll) {
    this.rules = rules;
    this.irisModels = irisModels;
    this.knowsAll = knowsAll;
  }

  @Override
  public MetricSnapshots collect() {
    var count =
        GaugeSnapshot.builder()
            .name(AlertMetrics.IRIS_MODELS)
            .help("IrisModels; missing while the operator may not know all of them");
    var enabled =
        GaugeSnapshot.builder()
            .name(AlertMetrics.ENABLED)
            .help("1 for each IrisModel with alerts, by PrometheusRule and pending period");
    var thresholds =
        GaugeSnapshot.builder()
            .name(AlertMetrics.THRESHOLD)
            .help("The limit of an IrisModel's alert, in the unit of the alert's expression");
    // Before the cache is read: it may only become more complete.
    boolean complete = knowsAll.getAsBoolean();
    List<IrisModel> all = irisModels.get().toList();
    if (complete) {
      count.dataPoint(
          point(Labels.of(AlertMetrics.OPERATOR_NAMESPACE, rules.namespace()), all.size()));
    }
    for (IrisModel irisModel : all) {
      if (!AlertRules.isEnabled(irisModel)) {
        continue;
      }
      Labels of =
          Labels.of(
              IrisModelCollector.NAMESPACE,
              irisModel.getMetadata().getNamespace(),
              IrisModelCollector.NAME,
              irisModel.getMetadata().getName(),
              AlertMetrics.RULE,
              rules.ruleOf(irisModel.getSpec().monitoring()),
              AlertMetrics.FOR,
              irisModel.getSpec().monitoring().alerts().forDuration());
      enabled.dataPoint(point(of, 1));
      AlertMetrics.thresholds(irisModel.getSpec())
          .forEach(
              (alert, threshold) ->
                  thresholds.dataPoint(point(of.add(AlertMetrics.ALERT, alert), threshold)));
    }
    return MetricSnapshots.of(count.build(), enabled.build(), thresholds.build());
  }

  private static GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
