package io.irisoperator.operator.monitoring;

import io.irisoperator.operator.monitoring.Dashboard.Variable;
import io.irisoperator.operator.monitoring.Panel.Query;
import java.util.List;
import java.util.Optional;

/** The dashboard of the operator. */
public final class OperatorDashboard {
  private static final String OPERATOR = "namespace=\"$namespace\",service=\"iris-operator\"";

  private OperatorDashboard() {}

  /** The dashboard. */
  public static Dashboard of() {
    return new Dashboard(
        "iris-operator",
        "Iris operator",
        List.of(
            new Variable(
                "namespace",
                "Namespace",
                "label_values(operator_sdk_reconciliations_started_total, namespace)",
                "mlops")),
        Optional.empty(),
        List.of(
            Panel.stat(
                "IrisModels",
                "All IrisModels and the ready ones",
                "short",
                new Query(
                    "count(iris_operator_condition{%s,type=\"Ready\"})".formatted(OPERATOR), "all"),
                new Query(
                    "sum(iris_operator_condition{%s,type=\"Ready\"})".formatted(OPERATOR),
                    "ready")),
            Panel.table(
                "IrisModels that need attention",
                "Not ready or degraded, with the reason of the condition",
                new Query(
                    "max by (irismodel_namespace, irismodel, type, reason) (iris_operator_condition{%1$s,type=\"Ready\"} == 0 or iris_operator_condition{%1$s,type=\"Degraded\"} == 1)"
                        .formatted(OPERATOR),
                    "{{irismodel}}")),
            Panel.series(
                "IrisModels by condition",
                "The number of IrisModels for which each condition is true",
                "short",
                new Query(
                    "sum by (type) (iris_operator_condition{%s})".formatted(OPERATOR), "{{type}}")),
            Panel.series(
                "Events",
                "Events of IrisModels per minute, by reason",
                "cpm",
                new Query(
                    "60 * sum by (reason) (rate(iris_operator_events_total{%s}[$__rate_interval]))"
                        .formatted(OPERATOR),
                    "{{reason}}")),
            Panel.series(
                "Reconciliations",
                "Reconciliations per second, by outcome, and retries",
                "ops",
                new Query(rate("operator_sdk_reconciliations_started_total"), "started"),
                new Query(
                    "sum(rate(operator_sdk_reconciliations_started_total{%s,reconciliations_retries_number!=\"0\"}[$__rate_interval])) or vector(0)"
                        .formatted(OPERATOR),
                    "retries"),
                new Query(rate("operator_sdk_reconciliations_success_total"), "succeeded"),
                new Query(
                    rate("operator_sdk_reconciliations_failed_total") + " or vector(0)", "failed")),
            Panel.series(
                "Reconciliation duration",
                "Average and maximum",
                "s",
                new Query(
                    "sum(rate(operator_sdk_controllers_execution_reconcile_seconds_sum{%1$s}[$__rate_interval])) / sum(rate(operator_sdk_controllers_execution_reconcile_seconds_count{%1$s}[$__rate_interval]))"
                        .formatted(OPERATOR),
                    "average"),
                new Query(
                    "max(operator_sdk_controllers_execution_reconcile_seconds_max{%s})"
                        .formatted(OPERATOR),
                    "max")),
            Panel.series(
                "Queue",
                "Waiting and running reconciliations",
                "short",
                new Query(
                    "sum(operator_sdk_reconciliations_queue_size_irismodel{%s})"
                        .formatted(OPERATOR),
                    "waiting"),
                new Query(
                    "sum(operator_sdk_reconciliations_executions_irismodel{%s})"
                        .formatted(OPERATOR),
                    "running")),
            Panel.series(
                "Trainings",
                "IrisModels by the phase of their last training",
                "short",
                new Query(
                    "sum by (phase) (iris_operator_training_phase{%s})".formatted(OPERATOR),
                    "{{phase}}")),
            Panel.series(
                    "MLflow call duration",
                    "p99 by operation",
                    "s",
                    new Query(
                        "histogram_quantile(0.99, sum by (le, operation) (rate(iris_operator_mlflow_request_duration_seconds_bucket{%s}[$__rate_interval])))"
                            .formatted(OPERATOR),
                        "{{operation}}"))
                .badFrom(1),
            Panel.series(
                "MLflow calls",
                "Calls per second, by outcome",
                "reqps",
                new Query(
                    "sum by (outcome) (rate(iris_operator_mlflow_request_duration_seconds_count{%s}[$__rate_interval]))"
                        .formatted(OPERATOR),
                    "{{outcome}}")),
            Panel.series(
                "Memory",
                "Heap used by each pod",
                "bytes",
                new Query(
                    "sum by (pod) (jvm_memory_used_bytes{%s,area=\"heap\"})".formatted(OPERATOR),
                    "{{pod}}")),
            Panel.series(
                "CPU",
                "CPU cores used by each pod",
                "short",
                new Query(
                    "sum by (pod) (rate(process_cpu_seconds_total{%s}[$__rate_interval]))"
                        .formatted(OPERATOR),
                    "{{pod}}"))));
  }

  private static String rate(String counter) {
    return "sum(rate(%s{%s}[$__rate_interval]))".formatted(counter, OPERATOR);
  }
}
