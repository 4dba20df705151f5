package io.irisoperator.operator.monitoring;

import io.irisoperator.operator.monitoring.Dashboard.Annotation;
import io.irisoperator.operator.monitoring.Dashboard.Variable;
import io.irisoperator.operator.monitoring.Panel.Query;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The dashboard of a model; it can show any other model, too. */
public final class ModelDashboard {
  private static final String PODS = "namespace=\"$namespace\",service=\"$model\"";
  private static final String OPERATOR = "irismodel_namespace=\"$namespace\",irismodel=\"$model\"";

  private ModelDashboard() {}

  /** The dashboard of an IrisModel. */
  public static Dashboard of(String namespace, String name) {
    byte[] identity = (namespace + "/" + name).getBytes(StandardCharsets.UTF_8);
    return new Dashboard(
        "iris-" + UUID.nameUUIDFromBytes(identity).toString().replace("-", ""),
        "Iris model %s/%s".formatted(namespace, name),
        List.of(
            new Variable(
                "namespace", "Namespace", "label_values(iris_model_loaded, namespace)", namespace),
            new Variable(
                "model",
                "Model",
                "label_values(iris_model_loaded{namespace=\"$namespace\"}, service)",
                name)),
        Optional.of(
            new Annotation(
                "Rollout",
                "count by (run_id) (iris_model_info{%1$s}) unless count by (run_id) (iris_model_info{%1$s} offset 1m)"
                    .formatted(PODS),
                "run {{run_id}}")),
        List.of(
            // The most important panels.
            Panel.series(
                "Request rate",
                "Requests answered per second, by endpoint and status",
                "reqps",
                new Query(
                    "sum by (endpoint, status) (rate(iris_api_requests_total{%s}[$__rate_interval]))"
                        .formatted(PODS),
                    "{{endpoint}} {{status}}")),
            Panel.series(
                    "Request duration",
                    "p95 and p99 of the duration of /predict",
                    "s",
                    new Query(predictQuantile("0.95"), "p95"),
                    new Query(predictQuantile("0.99"), "p99"))
                .badFrom(0.1),
            Panel.series(
                "Predictions rate",
                "Rows predicted per second, by class",
                "ops",
                new Query(
                    "sum by (predicted_class) (rate(iris_predictions_total{%s}[$__rate_interval]))"
                        .formatted(PODS),
                    "{{predicted_class}}")),
            Panel.series(
                "Confidence p95",
                "p95 of the confidence of predictions, by class",
                "percentunit",
                new Query(
                    "histogram_quantile(0.95, sum by (le, predicted_class) (rate(iris_prediction_confidence_bucket{%s}[$__rate_interval])))"
                        .formatted(PODS),
                    "{{predicted_class}}")),
            Panel.stat(
                    "API health",
                    "1 if all pods are healthy",
                    "short",
                    new Query("min(iris_api_health{%s})".formatted(PODS), "health"))
                .badBelow(1),
            Panel.stat(
                    "Model loaded",
                    "1 if all pods have loaded and verified their model",
                    "short",
                    new Query("min(iris_model_loaded{%s})".formatted(PODS), "loaded"))
                .badBelow(1),
            Panel.series(
                "Model load p95",
                "p95 of the time that pods take to load their model",
                "s",
                new Query(
                    "histogram_quantile(0.95, sum by (le) (iris_model_load_duration_seconds_bucket{%s}))"
                        .formatted(PODS),
                    "p95")),
            // The pods.
            Panel.series(
                "Replicas",
                "Requested pods and ready pods",
                "short",
                new Query("max(iris_operator_replicas{%s})".formatted(OPERATOR), "requested"),
                new Query("max(iris_operator_ready_replicas{%s})".formatted(OPERATOR), "ready")),
            Panel.table(
                "Served model",
                "Run, version and digest of the model in each pod",
                new Query(
                    "max by (pod, run_id, model_version, digest) (iris_model_info{%s})"
                        .formatted(PODS),
                    "{{pod}}")),
            Panel.series(
                "Confidence, last hour against last week",
                "The median confidence; a drop may mean that the input data have changed",
                "percentunit",
                new Query(
                    "irismodel:iris_prediction_confidence:median_1h{%s}".formatted(PODS),
                    "last hour"),
                new Query(
                    "irismodel:iris_prediction_confidence:median_1w{%s}".formatted(PODS),
                    "last week")),
            // The JVM.
            Panel.series(
                "CPU",
                "CPU cores used by each pod",
                "short",
                new Query(
                    "sum by (pod) (rate(process_cpu_seconds_total{%s}[$__rate_interval]))"
                        .formatted(PODS),
                    "{{pod}}")),
            Panel.series(
                "Memory",
                "Resident memory of each pod, used heap, and maximum heap",
                "bytes",
                new Query(
                    "sum by (pod) (process_resident_memory_bytes{%s})".formatted(PODS),
                    "{{pod}} resident"),
                new Query(
                    "sum by (pod) (jvm_memory_used_bytes{%s,area=\"heap\"})".formatted(PODS),
                    "{{pod}} heap used"),
                new Query(
                    "sum by (pod) (jvm_memory_max_bytes{%s,area=\"heap\"} > 0)".formatted(PODS),
                    "{{pod}} heap max")),
            Panel.series(
                "Garbage collection",
                "Share of time that each pod spends in garbage collection",
                "percentunit",
                new Query(
                    "sum by (pod) (rate(jvm_gc_collection_seconds_sum{%s}[$__rate_interval]))"
                        .formatted(PODS),
                    "{{pod}}")),
            // The source of the model.
            Panel.series(
                "Scores of the served model",
                "The metrics of its run on the test data",
                "percentunit",
                new Query(
                    "max by (metric) (iris_operator_model_score{%s,metric=~\"test_.+\"})"
                        .formatted(OPERATOR),
                    "{{metric}}")),
            Panel.series(
                "Trainings",
                "1 for the phase of the last training",
                "short",
                new Query(
                    "max by (phase) (iris_operator_training_phase{%s})".formatted(OPERATOR),
                    "{{phase}}"))));
  }

  private static String predictQuantile(String quantile) {
    return "histogram_quantile(%s, sum by (le) (rate(iris_api_request_duration_seconds_bucket{%s,endpoint=\"/predict\"}[$__rate_interval])))"
        .formatted(quantile, PODS);
  }
}
