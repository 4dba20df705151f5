package io.irisoperator.operator.apply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * The dashboard of one model.
 *
 * @see <a
 *     href="https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/">the
 *     JSON model</a>
 */
record Dashboard(String namespace, String name, List<Panel> panels) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int SCHEMA_VERSION = 39;
  private static final int WIDTH = 12;
  private static final int HEIGHT = 8;

  record Query(String expression, String legend) {}

  record Panel(String title, String description, String type, String unit, List<Query> queries) {}

  static Dashboard of(String namespace, String name) {
    String of = "namespace=\"%s\",service=\"%s\"".formatted(namespace, name);
    return new Dashboard(
        namespace,
        name,
        List.of(
            new Panel(
                "Request rate",
                "Requests answered per second, by endpoint and status",
                "timeseries",
                "reqps",
                List.of(
                    new Query(
                        "sum by (endpoint, status) (rate(iris_api_requests_total{%s}[$__rate_interval]))"
                            .formatted(of),
                        "{{endpoint}} {{status}}"))),
            new Panel(
                "Request duration",
                "How long /predict takes for 95 and 99 of 100 requests",
                "timeseries",
                "s",
                List.of(
                    new Query(predictQuantile(of, "0.95"), "p95"),
                    new Query(predictQuantile(of, "0.99"), "p99"))),
            new Panel(
                "Predictions rate",
                "Rows predicted per second, by class",
                "timeseries",
                "ops",
                List.of(
                    new Query(
                        "sum by (predicted_class) (rate(iris_predictions_total{%s}[$__rate_interval]))"
                            .formatted(of),
                        "{{predicted_class}}"))),
            new Panel(
                "Confidence p95",
                "The confidence that 95 of 100 predictions of a class stay below",
                "timeseries",
                "percentunit",
                List.of(
                    new Query(
                        "histogram_quantile(0.95, sum by (le, predicted_class) (rate(iris_prediction_confidence_bucket{%s}[$__rate_interval])))"
                            .formatted(of),
                        "{{predicted_class}}"))),
            new Panel(
                "API health",
                "1 when every pod is healthy",
                "stat",
                "short",
                List.of(new Query("min(iris_api_health{%s})".formatted(of), "health"))),
            new Panel(
                "Model loaded",
                "1 when every pod has loaded and verified its model",
                "stat",
                "short",
                List.of(new Query("min(iris_model_loaded{%s})".formatted(of), "loaded"))),
            new Panel(
                "Model load p95",
                "How long loading takes for 95 of 100 pods",
                "timeseries",
                "s",
                List.of(
                    new Query(
                        "histogram_quantile(0.95, sum by (le) (iris_model_load_duration_seconds_bucket{%s}))"
                            .formatted(of),
                        "p95")))));
  }

  private static String predictQuantile(String of, String quantile) {
    return "histogram_quantile(%s, sum by (le) (rate(iris_api_request_duration_seconds_bucket{%s,endpoint=\"/predict\"}[$__rate_interval])))"
        .formatted(quantile, of);
  }

  String json() {
    ObjectNode dashboard =
        JSON.createObjectNode()
            .put("uid", uid())
            .put("title", "Iris model %s/%s".formatted(namespace, name))
            .put("schemaVersion", SCHEMA_VERSION)
            .put("editable", false)
            .put("refresh", "30s");
    dashboard.putArray("tags").add("iris-operator");
    dashboard.putObject("time").put("from", "now-1h").put("to", "now");
    dashboard
        .putObject("templating")
        .putArray("list")
        .addObject()
        .put("name", "datasource")
        .put("label", "Data source")
        .put("type", "datasource")
        .put("query", "prometheus");
    ArrayNode array = dashboard.putArray("panels");
    for (int p = 0; p < panels.size(); p++) {
      add(array.addObject(), p, panels.get(p));
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(dashboard);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  /** Grafana takes at most 40 characters. */
  private String uid() {
    byte[] identity = (namespace + "/" + name).getBytes(StandardCharsets.UTF_8);
    return "iris-" + UUID.nameUUIDFromBytes(identity).toString().replace("-", "");
  }

  private static void add(ObjectNode node, int index, Panel panel) {
    node.put("id", index + 1)
        .put("title", panel.title())
        .put("description", panel.description())
        .put("type", panel.type());
    node.putObject("gridPos")
        .put("x", index % 2 * WIDTH)
        .put("y", index / 2 * HEIGHT)
        .put("w", WIDTH)
        .put("h", HEIGHT);
    datasource(node);
    node.putObject("fieldConfig").putObject("defaults").put("unit", panel.unit());
    ArrayNode targets = node.putArray("targets");
    for (int q = 0; q < panel.queries().size(); q++) {
      ObjectNode target =
          targets
              .addObject()
              .put("refId", String.valueOf((char) ('A' + q)))
              .put("expr", panel.queries().get(q).expression())
              .put("legendFormat", panel.queries().get(q).legend());
      datasource(target);
    }
  }

  private static void datasource(ObjectNode node) {
    node.putObject("datasource").put("type", "prometheus").put("uid", "${datasource}");
  }
}
