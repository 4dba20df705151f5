package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleBuilder;
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
 * The recording rules and alerts of one model. What its pods say is selected by the target's
 * namespace and service; what the operator says of it by {@code irismodel_namespace} and {@code
 * irismodel}.
 *
 * @param runbookUrl each alert has a page below it
 */
record ModelRules(String namespace, String name, IrisModelSpec spec, URI runbookUrl) {
  private static final String CRITICAL = "critical";
  private static final String WARNING = "warning";
  private static final String INFO = "info";

  /** Buckets of a whole week are too many to be read each time a panel is drawn. */
  List<Rule> records() {
    return List.of(
        record("irismodel:iris_prediction_confidence:median_1h", median("1h")),
        record("irismodel:iris_prediction_confidence:median_1w", median("1w")));
  }

  List<Rule> alerts() {
    IrisModelSpec.Alerts limits = spec.monitoring().alerts();
    String pending = limits.pendingPeriod();
    List<Rule> alerts = new ArrayList<>();
    alerts.add(
        alert(
            "IrisModelNotLoaded",
            "min by (namespace, service, pod) (iris_model_loaded{%s}) == 0".formatted(pods()),
            pending,
            CRITICAL,
            "A pod of %s has no model",
            "Pod {{ $labels.pod }} is up without a verified model, and gets no requests."));
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
            "The model that %s asks for cannot be served",
            "MLflow has no such model, or it is broken. What was served before goes on being served."));
    alerts.add(
        alert(
            "IrisModelErrors",
            """
            sum(rate(iris_api_requests_total{%1$s,status=~"5.."}[5m]))
              / sum(rate(iris_api_requests_total{%1$s}[5m])) > %2$s"""
                // Probes get a 503 while a new pod loads its model, and nobody minds.
                .formatted(pods() + ",endpoint=\"/predict\"", fraction(limits.errorRatePercent())),
            pending,
            CRITICAL,
            "%s fails requests",
            "{{ $value | humanizePercentage }} of predictions are answered with a 5xx."));
    alerts.add(
        alert(
            "IrisModelSlow",
            """
            histogram_quantile(0.99, sum by (le)
              (rate(iris_api_request_duration_seconds_bucket{%s,endpoint="/predict"}[5m]))) > %s"""
                .formatted(pods(), limits.latencyP99Milliseconds() / 1000.0),
            pending,
            WARNING,
            "%s is slow",
            "One of 100 predictions takes longer than {{ $value | humanizeDuration }}."));
    alerts.add(
        alert(
            "IrisModelNoTraffic",
            """
            sum(increase(iris_predictions_total{%1$s}[30m])) == 0
              and sum(increase(iris_predictions_total{%1$s}[1d] offset 30m)) > 0"""
                .formatted(pods()),
            pending,
            INFO,
            "Nobody asks %s any more",
            "No prediction in half an hour, after some in the day before."));
    alerts.add(
        alert(
            "IrisModelConfidenceFallen",
            """
            irismodel:iris_prediction_confidence:median_1h{%1$s}
              < %2$s * irismodel:iris_prediction_confidence:median_1w{%1$s}
              and on (namespace, service) sum by (namespace, service)
                (increase(iris_predictions_total{%1$s}[1h])) >= 100"""
                .formatted(pods(), fraction(100 - limits.confidenceDropPercent())),
            pending,
            WARNING,
            "%s has become less sure",
            "The median confidence of the last hour is {{ $value | humanizePercentage }}, far below the last week's: the flowers may have changed."));
    alerts.add(
        alert(
            "IrisModelTrainingFailed",
            "max by (irismodel_namespace, irismodel) (iris_operator_training_phase{%s,phase=\"Failed\"}) == 1"
                .formatted(operator()),
            "0s",
            WARNING,
            "The last training of %s has failed",
            "Its condition Training says why. The model that was served before goes on being served."));
    alerts.add(
        alert(
            "IrisModelRolloutStuck",
            "max by (irismodel_namespace, irismodel) (iris_operator_condition{%s,type=\"%s\",reason=~\"%s|%s|%s\"}) == 1"
                .formatted(
                    operator(),
                    ConditionType.DEGRADED,
                    Reason.ROLLOUT_STUCK,
                    Reason.ROLLED_BACK,
                    Reason.STORED_MODEL_CORRUPT),
            "0s",
            WARNING,
            "The rollout of %s has failed",
            "New pods do not get ready, or were gone back from: its condition Degraded says why. The old ones serve."));
    alerts.add(
        alert(
            "IrisModelOld",
            "time() - max by (irismodel_namespace, irismodel) (iris_operator_model_finished_timestamp_seconds{%s}) > %d * 86400"
                .formatted(operator(), limits.modelAgeDays()),
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
   * @param summary has {@code %s} for the model
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
