package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.MonitoringSpec;
import io.irisoperator.operator.monitoring.AlertRules;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {
  private final OperatorMetrics metrics = new OperatorMetrics();

  /** As the SDK registers them. */
  @Test
  void describesAndBoundsTheMetersOfTheSdk() {
    for (int retry = 0; retry < 50; retry++) {
      Counter.builder("operator.sdk.reconciliations.started")
          .tag("reconciliations.retries.number", Integer.toString(retry))
          .register(metrics.registry())
          .increment();
    }
    Timer.builder("operator.sdk.controllers.execution.reconcile")
        .publishPercentileHistogram()
        .register(metrics.registry())
        .record(Duration.ofMillis(30));
    String page = metrics.registry().scrape();
    assertThat(page)
        .contains("# HELP operator_sdk_reconciliations_started_total The Java Operator SDK's")
        .contains(
            "operator_sdk_reconciliations_started_total{reconciliations_retries_number=\"0\"} 1.0")
        .contains(
            "operator_sdk_reconciliations_started_total{reconciliations_retries_number=\"1+\"} 49.0")
        .contains("reconcile_seconds_bucket{le=\"0.05\"} 1");
    assertThat(page.lines().filter(line -> line.contains("_seconds_bucket{le="))).hasSize(12);
  }

  private static IrisModel irisModel(String name, String monitoring) {
    IrisModel resource = Resources.irisModel("{model: {latest: {}}, " + monitoring + "}");
    resource.getMetadata().setName(name);
    return resource;
  }

  @Test
  void exportsTheLimitsOfAlerts() {
    IrisModel deleted = irisModel("deleted", "monitoring: {}");
    deleted.getMetadata().setDeletionTimestamp("2026-01-01T12:00:00Z");
    AlertRules rules = new AlertRules("mlops", Map.of("release", "a"), URI.create("http://wiki"));
    AtomicBoolean knowsAll = new AtomicBoolean(true);
    metrics
        .registry()
        .getPrometheusRegistry()
        .register(new AlertCollector(rules, metrics::watched, knowsAll::get));
    metrics.watch(
        () ->
            Stream.of(
                irisModel("iris", "serving: {replicas: 0}"),
                irisModel(
                    "strict",
                    "monitoring: {labels: {release: b}, alerts: {for: 1m, maxErrorRatePercent: 1, maxLatencyP99Milliseconds: 20, maxConfidenceDropPercent: 5, maxModelAgeDays: 30}}"),
                irisModel("silent", "monitoring: {prometheusRule: false}"),
                deleted));
    String page = metrics.registry().scrape();
    String iris =
        "{for=\"10m\",irismodel=\"iris\",irismodel_namespace=\"mlops\",rule=\"mlops/iris-models\"}";
    String strictRule =
        rules.ruleOf(new MonitoringSpec(null, null, null, null, Map.of("release", "b")));
    assertThat(strictRule).matches("mlops/iris-models-[0-9a-f]{10}");
    String strict =
        "for=\"1m\",irismodel=\"strict\",irismodel_namespace=\"mlops\",rule=\"%s\"}"
            .formatted(strictRule);
    assertThat(page.lines().filter(line -> line.startsWith("iris_operator_alert")))
        .containsExactlyInAnyOrder(
            "iris_operator_alerts_enabled" + iris + " 1.0",
            "iris_operator_alerts_enabled{" + strict + " 1.0",
            threshold(iris, "IrisModelHighErrorRate", "0.05"),
            threshold(iris, "IrisModelHighLatency", "0.1"),
            threshold(iris, "IrisModelLowConfidence", "0.9"),
            threshold(iris, "IrisModelStale", "7776000.0"),
            threshold("{" + strict, "IrisModelHighErrorRate", "0.01"),
            threshold("{" + strict, "IrisModelHighLatency", "0.02"),
            threshold("{" + strict, "IrisModelLowConfidence", "0.95"),
            threshold("{" + strict, "IrisModelStale", "2592000.0"),
            threshold("{" + strict, "IrisModelUnavailable", "1.0"));
    assertThat(page).contains("iris_operator_irismodels{operator_namespace=\"mlops\"} 4.0");
    knowsAll.set(false);
    assertThat(metrics.registry().scrape()).doesNotContain("iris_operator_irismodels{");
  }

  private static String threshold(String labels, String alert, String value) {
    return "iris_operator_alert_threshold{alert=\"%s\",%s %s"
        .formatted(alert, labels.substring(1), value);
  }
}
