package io.irisoperator.operator.monitoring;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleBuilder;
import io.irisoperator.operator.api.AlertsSpec;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Reason;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recording rules and alerts of one model. Metrics of its pods are selected by the target's
 * namespace and service, metrics of the operator by {@code irismodel_namespace} and {@code
 * irismodel}.
 *
 * @param runbookUrl the folder of the runbooks, one for each alert
 */
public record ModelAlerts(String namespace, String name, IrisModelSpec spec, URI runbookUrl) {
  private static final String CRITICAL = "critical";
  private static final String WARNING = "warning";
  private static final String INFO = "info";

  /** Reading the buckets of a week for each panel would be expensive. */
  public List<Rule> records() {
    return List.of(
        record("irismodel:iris_prediction_confidence:median_1h", median("1h")),
        record("irismodel:iris_prediction_confidence:median_1w", median("1w")));
  }

  /** The alerts. */
  public List<Rule> alerts() {
    AlertsSpec limits = spec.monitoring().alerts();
    String pending = limits.forDuration();
    List<Rule> alerts = new ArrayList<>();
    alerts.add(
        alert(
            "IrisModelNotLoaded",
            "min by (namespace, service, pod) (iris_model_loaded{%s}) == 0".formatted(pods()),
            pending,
            CRITICAL,
            "A pod of %s has no model",
            "Pod {{ $labels.pod }} runs without a verified model and receives no requests."));
    if (spec.serving().replicas() > 0) {
      alerts.add(
          alert(
              "IrisModelUnavailable",
              "absent(iris_api_health{%s} == 1)".formatted(pods()),
              pending,
              CRITICAL,
              "No pod of %s is ready",
              "Prometheus sees no healthy pod: predictions are not answered, or the pods cannot be scraped."));
    }
    alerts.add(
        alert(
            "IrisModelNotResolved",
            "max by (irismodel_namespace, irismodel) (iris_operator_condition{%s,type=\"%s\"}) == 0"
                .formatted(operator(), ConditionType.MODEL_RESOLVED),
            pending,
            WARNING,
            "The model that %s selects cannot be served",
            "The model does not exist in MLflow or is invalid, or MLflow is unreachable. The previous model is still served."));
    alerts.add(
        alert(
            "IrisModelHighErrorRate",
            """
            sum(rate(iris_api_requests_total{%1$s,status=~"5.."}[5m]))
              / sum(rate(iris_api_requests_total{%1$s}[5m])) > %2$s"""
                // Probes get a 503 while a new pod loads its model; that is no error.
                .formatted(
                    pods() + ",endpoint=\"/predict\"", fraction(limits.maxErrorRatePercent())),
            pending,
            CRITICAL,
            "%s fails requests",
            "{{ $value | humanizePercentage }} of predictions are answered with a 5xx."));
    alerts.add(
        alert(
            "IrisModelHighLatency",
            """
            histogram_quantile(0.99, sum by (le)
              (rate(iris_api_request_duration_seconds_bucket{%s,endpoint="/predict"}[5m]))) > %s"""
                .formatted(pods(), limits.maxLatencyP99Milliseconds() / 1000.0),
            pending,
            WARNING,
            "%s has a high latency",
            "The p99 latency of predictions is {{ $value | humanizeDuration }}."));
    alerts.add(
        alert(
            "IrisModelNoTraffic",
            """
            sum(increase(iris_predictions_total{%1$s}[30m])) == 0
              and sum(increase(iris_predictions_total{%1$s}[1d] offset 30m)) > 0"""
                .formatted(pods()),
            pending,
            INFO,
            "%s receives no traffic",
            "There was no prediction in the last 30 minutes, and there were some in the day before."));
    alerts.add(
        alert(
            "IrisModelLowConfidence",
            """
            irismodel:iris_prediction_confidence:median_1h{%1$s}
              < %2$s * irismodel:iris_prediction_confidence:median_1w{%1$s}
              and on (namespace, service) sum by (namespace, service)
                (increase(iris_predictions_total{%1$s}[1h])) >= 100"""
                .formatted(pods(), fraction(100 - limits.maxConfidenceDropPercent())),
            pending,
            WARNING,
            "The prediction confidence of %s has dropped",
            "The median confidence of the last hour is {{ $value | humanizePercentage }}, far below the last week: the input data may have changed."));
    alerts.add(
        alert(
            "IrisModelTrainingFailed",
            "max by (irismodel_namespace, irismodel) (iris_operator_training_phase{%s,phase=\"Failed\"}) == 1"
                .formatted(operator()),
            "0s",
            WARNING,
            "The last training of %s failed",
            "The condition Training says why. The previous model is still served."));
    alerts.add(
        alert(
            "IrisModelRolloutFailed",
            "max by (irismodel_namespace, irismodel) (iris_operator_condition{%s,type=\"%s\",reason=~\"%s|%s|%s\"}) == 1"
                .formatted(
                    operator(),
                    ConditionType.DEGRADED,
                    Reason.PROGRESS_DEADLINE_EXCEEDED,
                    Reason.ROLLED_BACK,
                    Reason.STORED_MODEL_CORRUPT),
            "0s",
            WARNING,
            "The rollout of %s failed",
            "New pods do not become ready, or were rolled back. The condition Degraded says why. The previous pods still serve."));
    alerts.add(
        alert(
            "IrisModelStale",
            "time() - max by (irismodel_namespace, irismodel) (iris_operator_model_finished_timestamp_seconds{%s}) > %d * 86400"
                .formatted(operator(), limits.maxModelAgeDays()),
            pending,
            INFO,
            "The model of %s is old",
            "It was trained {{ $value | humanizeDuration }} ago."));
    return List.copyOf(alerts);
  }

  private String median(String range) {
    return """
    histogram_quantile(0.5, sum by (le, namespace, service)
      (increase(iris_prediction_confidence_bucket{%s}[%s])))"""
        .formatted(pods(), range);
  }

  private String pods() {
    return "namespace=\"%s\",service=\"%s\"".formatted(namespace, name);
  }

  private String operator() {
    return "irismodel_namespace=\"%s\",irismodel=\"%s\"".formatted(namespace, name);
  }

  private static String fraction(int percent) {
    return String.format(Locale.ROOT, "%.2f", percent / 100.0);
  }

  private static Rule record(String record, String expression) {
    return new RuleBuilder().withRecord(record).withExpr(new IntOrString(expression)).build();
  }

  /**
   * An alert.
   *
   * @param summary with {@code %s} for the model
   */
  private Rule alert(
      String alert,
      String expression,
      String pending,
      String severity,
      String summary,
      String description) {
    Map<String, String> annotations = new TreeMap<>();
    annotations.put("summary", summary.formatted("IrisModel " + namespace + "/" + name));
    annotations.put("description", description);
    annotations.put(
        "runbook_url", runbookUrl.toString().replaceAll("/+$", "") + "/" + alert + ".md");
    return new RuleBuilder()
        .withAlert(alert)
        .withExpr(new IntOrString(expression))
        .withFor(pending)
        .withLabels(
            new TreeMap<>(Map.of("severity", severity, "namespace", namespace, "irismodel", name)))
        .withAnnotations(annotations)
        .build();
  }
}
