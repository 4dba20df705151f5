package io.irisoperator.operator.monitoring;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleBuilder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The recording rules and alerts of all IrisModels whose alerts are in one PrometheusRule. Metrics
 * of pods have the target's labels {@code namespace} and {@code service}, metrics of the operator
 * {@code irismodel_namespace} and {@code irismodel}; what {@link #limits} records has all four, and
 * each alert is joined with it.
 *
 * @param operatorNamespace the value of {@link AlertMetrics#OPERATOR_NAMESPACE}
 * @param rule the value of {@link AlertMetrics#RULE}
 * @param runbookUrl the folder of the runbooks, one for each alert
 */
record ModelAlerts(String operatorNamespace, String rule, URI runbookUrl) {
  static final String UNAVAILABLE = "IrisModelUnavailable";
  static final String HIGH_ERROR_RATE = "IrisModelHighErrorRate";
  static final String HIGH_LATENCY = "IrisModelHighLatency";
  static final String LOW_CONFIDENCE = "IrisModelLowConfidence";
  static final String STALE = "IrisModelStale";

  private static final String CRITICAL = "critical";
  private static final String WARNING = "warning";
  private static final String INFO = "info";

  private static final String ENABLED = "irismodel:%s:last_1h".formatted(AlertMetrics.ENABLED);
  private static final String THRESHOLD = "irismodel:%s:last_1h".formatted(AlertMetrics.THRESHOLD);
  private static final String PREDICTIONS = "irismodel:iris_predictions_total:increase_1h";
  private static final String CONFIDENCE =
      "irismodel:iris_prediction_confidence_bucket:increase_1h";
  private static final String MEDIAN_HOUR = "irismodel:iris_prediction_confidence:median_1h";
  private static final String MEDIAN_WEEK = "irismodel:iris_prediction_confidence:median_1w";

  /** Whose metric an alert is about: the labels that name the IrisModel. */
  private enum Subject {
    POD("namespace", "service"),
    OPERATOR("irismodel_namespace", "irismodel");

    private final String namespace;
    private final String name;

    Subject(String namespace, String name) {
      this.namespace = namespace;
      this.name = name;
    }
  }

  /**
   * Which IrisModels have alerts, and their limits. While the operator does not report, as during
   * its restart, the last values count for an hour: pods are watched without it.
   */
  List<Rule> limits() {
    return List.of(
        record(ENABLED, last(AlertMetrics.ENABLED, AlertMetrics.FOR)),
        record(
            THRESHOLD, last(AlertMetrics.THRESHOLD, AlertMetrics.FOR + ", " + AlertMetrics.ALERT)));
  }

  private String last(String metric, String labels) {
    return """
    label_replace(label_replace(
      max by (irismodel_namespace, irismodel, rule, %1$s) (
        %2$s
        or last_over_time(%2$s[1h])
          unless on () %3$s),
      "namespace", "$1", "irismodel_namespace", "(.*)"), "service", "$1", "irismodel", "(.*)")"""
        .formatted(
            labels,
            "%s{rule=\"%s\"}".formatted(metric, rule),
            "%s{%s=\"%s\"}"
                .formatted(
                    AlertMetrics.IRIS_MODELS, AlertMetrics.OPERATOR_NAMESPACE, operatorNamespace));
  }

  /**
   * What would be expensive to compute for all models at each evaluation. A week is the sum of its
   * recorded hours.
   */
  List<Rule> records() {
    return List.of(
        record(
            PREDICTIONS,
            ours("sum by (namespace, service) (increase(iris_predictions_total[1h]))")),
        record(
            CONFIDENCE,
            ours(
                "sum by (le, namespace, service) (increase(iris_prediction_confidence_bucket[1h]))")),
        record(MEDIAN_HOUR, ours("histogram_quantile(0.5, %s)".formatted(CONFIDENCE))),
        record(
            MEDIAN_WEEK,
            ours(
                "histogram_quantile(0.5, sum_over_time(%1$s[1w:1h]) or %1$s)"
                    .formatted(CONFIDENCE))));
  }

  private String ours(String expression) {
    return "%s\n  and on (namespace, service) %s{rule=\"%s\"}".formatted(expression, ENABLED, rule);
  }

  /** The alerts that fire at once. */
  List<Rule> immediateAlerts() {
    String enabled = "%s{rule=\"%s\"}".formatted(ENABLED, rule);
    return List.of(
        alert(
            "IrisModelTrainingFailed",
            Subject.OPERATOR,
            """
            max by (irismodel_namespace, irismodel) (iris_operator_training_phase{phase="Failed"}) == 1
              and on (irismodel_namespace, irismodel) %s"""
                .formatted(enabled),
            "0s",
            WARNING,
            "The last training of %s failed",
            "The condition Training says why. The previous model is still served."),
        alert(
            "IrisModelRolloutFailed",
            Subject.OPERATOR,
            """
            max by (irismodel_namespace, irismodel) (iris_operator_condition{type="%s",reason=~"%s|%s|%s"}) == 1
              and on (irismodel_namespace, irismodel) %s"""
                .formatted(
                    ConditionType.DEGRADED,
                    Reason.PROGRESS_DEADLINE_EXCEEDED,
                    Reason.ROLLED_BACK,
                    Reason.STORED_MODEL_CORRUPT,
                    enabled),
            "0s",
            WARNING,
            "The rollout of %s failed",
            "New pods do not become ready, or were rolled back. The condition Degraded says why. The previous pods still serve."));
  }

  /** The other alerts, of the IrisModels with this pending period. */
  List<Rule> alerts(String pending) {
    String enabled = "%s{rule=\"%s\",for=\"%s\"}".formatted(ENABLED, rule, pending);
    return List.of(
        alert(
            "IrisModelNotLoaded",
            Subject.POD,
            """
            min by (namespace, service, pod) (iris_model_loaded) == 0
              and on (namespace, service) %s"""
                .formatted(enabled),
            pending,
            CRITICAL,
            "A pod of %s has no model",
            "Pod {{ $labels.pod }} runs without a verified model and receives no requests."),
        alert(
            UNAVAILABLE,
            Subject.POD,
            """
            max by (namespace, service) (%s)
              unless on (namespace, service) iris_api_health == 1"""
                .formatted(threshold(UNAVAILABLE, pending)),
            pending,
            CRITICAL,
            "No pod of %s is ready",
            "Prometheus sees no healthy pod: predictions are not answered, or the pods cannot be scraped."),
        alert(
            "IrisModelNotResolved",
            Subject.OPERATOR,
            """
            max by (irismodel_namespace, irismodel) (iris_operator_condition{type="%s"}) == 0
              and on (irismodel_namespace, irismodel) %s"""
                .formatted(ConditionType.MODEL_RESOLVED, enabled),
            pending,
            WARNING,
            "The model that %s selects cannot be served",
            "The model does not exist in MLflow or is invalid, or MLflow is unreachable. The previous model is still served."),
        alert(
            HIGH_ERROR_RATE,
            Subject.POD,
            // Probes get a 503 while a new pod loads its model; that is no error.
            """
            sum by (namespace, service) (rate(iris_api_requests_total{endpoint="/predict",status=~"5.."}[5m]))
              / sum by (namespace, service) (rate(iris_api_requests_total{endpoint="/predict"}[5m]))
              > on (namespace, service) %s"""
                .formatted(threshold(HIGH_ERROR_RATE, pending)),
            pending,
            CRITICAL,
            "%s fails requests",
            "{{ $value | humanizePercentage }} of predictions are answered with a 5xx."),
        alert(
            HIGH_LATENCY,
            Subject.POD,
            """
            histogram_quantile(0.99, sum by (le, namespace, service)
              (rate(iris_api_request_duration_seconds_bucket{endpoint="/predict"}[5m])))
              > on (namespace, service) %s"""
                .formatted(threshold(HIGH_LATENCY, pending)),
            pending,
            WARNING,
            "%s has a high latency",
            "The p99 latency of predictions is {{ $value | humanizeDuration }}."),
        alert(
            "IrisModelNoTraffic",
            Subject.POD,
            """
            sum by (namespace, service) (increase(iris_predictions_total[30m])) == 0
              and on (namespace, service) max_over_time(%s[1d] offset 30m) > 0
              and on (namespace, service) %s"""
                .formatted(PREDICTIONS, enabled),
            pending,
            INFO,
            "%s receives no traffic",
            "There was no prediction in the last 30 minutes, and there were some in the day before."),
        alert(
            LOW_CONFIDENCE,
            Subject.POD,
            """
            %s
              < on (namespace, service) %s
                * on (namespace, service) %s
              and on (namespace, service) %s >= 100"""
                .formatted(
                    MEDIAN_HOUR, threshold(LOW_CONFIDENCE, pending), MEDIAN_WEEK, PREDICTIONS),
            pending,
            WARNING,
            "The prediction confidence of %s has dropped",
            "The median confidence of the last hour is {{ $value | humanizePercentage }}, far below the last week: the input data may have changed."),
        alert(
            STALE,
            Subject.OPERATOR,
            """
            time() - max by (irismodel_namespace, irismodel) (iris_operator_model_finished_timestamp_seconds)
              > on (irismodel_namespace, irismodel) %s"""
                .formatted(threshold(STALE, pending)),
            pending,
            INFO,
            "The model of %s is old",
            "It was trained {{ $value | humanizeDuration }} ago."));
  }

  private String threshold(String alert, String pending) {
    return "%s{rule=\"%s\",for=\"%s\",alert=\"%s\"}".formatted(THRESHOLD, rule, pending, alert);
  }

  private static Rule record(String record, String expression) {
    return new RuleBuilder().withRecord(record).withExpr(new IntOrString(expression)).build();
  }

  /**
   * An alert with the labels {@code severity}, {@code namespace} and {@code irismodel}.
   *
   * @param summary with {@code %s} for the model
   */
  private Rule alert(
      String alert,
      Subject subject,
      String expression,
      String pending,
      String severity,
      String summary,
      String description) {
    String namespace = "{{ $labels.%s }}".formatted(subject.namespace);
    String name = "{{ $labels.%s }}".formatted(subject.name);
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
