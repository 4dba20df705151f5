package io.irisoperator.operator.monitoring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * A dashboard.
 *
 * @param uid at most 40 characters, unique in a Grafana
 * @see <a
 *     href="https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/">the
 *     JSON model</a>
 */
public record Dashboard(
    String uid,
    String title,
    List<Variable> variables,
    Optional<Annotation> annotation,
    List<Panel> panels) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The version of Grafana 11.0, which Grafana 12 reads, too. */
  private static final int SCHEMA_VERSION = 39;

  private static final int WIDTH = 12;
  private static final int HEIGHT = 8;

  /** Reload a variable's values when the time range changes. */
  private static final int ON_TIME_RANGE_CHANGE = 2;

  /**
   * A variable that can be selected above the panels.
   *
   * @param query gives the values
   * @param current the value at first
   */
  record Variable(String name, String label, String query, String current) {}

  /** A mark in all panels at each time that a query has a value. */
  record Annotation(String name, String expression, String text) {}

  /** The dashboard as Grafana's JSON. */
  public String json() {
    ObjectNode dashboard =
        JSON.createObjectNode()
            .put("uid", uid)
            .put("title", title)
            .put("schemaVersion", SCHEMA_VERSION)
            .put("version", 1)
            .put("editable", false)
            .put("graphTooltip", 1)
            .put("refresh", "30s")
            .put("timezone", "browser");
    dashboard.putArray("tags").add("iris-operator");
    dashboard.putObject("time").put("from", "now-1h").put("to", "now");
    ArrayNode templating = dashboard.putObject("templating").putArray("list");
    templating
        .addObject()
        .put("name", "datasource")
        .put("label", "Data source")
        .put("type", "datasource")
        .put("query", "prometheus");
    variables.forEach(variable -> add(templating.addObject(), variable));
    ArrayNode annotations = dashboard.putObject("annotations").putArray("list");
    annotation.ifPresent(a -> add(annotations.addObject(), a));
    ArrayNode array = dashboard.putArray("panels");
    for (int p = 0; p < panels.size(); p++) {
      add(array.addObject(), p, panels.get(p));
    }
    try {
      return JSON.writeValueAsString(dashboard);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private static void add(ObjectNode node, Variable variable) {
    node.put("name", variable.name())
        .put("label", variable.label())
        .put("type", "query")
        .put("refresh", ON_TIME_RANGE_CHANGE)
        .put("sort", 1)
        .put("query", variable.query());
    node.putObject("current").put("text", variable.current()).put("value", variable.current());
    datasource(node);
  }

  private static void add(ObjectNode node, Annotation annotation) {
    node.put("name", annotation.name())
        .put("enable", true)
        .put("iconColor", "blue")
        .put("expr", annotation.expression())
        .put("step", "60s")
        .put("titleFormat", annotation.name())
        .put("textFormat", annotation.text());
    datasource(node);
  }

  private static void add(ObjectNode node, int index, Panel panel) {
    node.put("id", index + 1)
        .put("title", panel.title())
        .put("description", panel.description())
        .put("type", panel.kind().type);
    node.putObject("gridPos")
        .put("x", index % 2 * WIDTH)
        .put("y", index / 2 * HEIGHT)
        .put("w", WIDTH)
        .put("h", HEIGHT);
    datasource(node);
    ObjectNode defaults = node.putObject("fieldConfig").putObject("defaults");
    defaults.put("unit", panel.unit());
    thresholds(defaults, panel);
    ArrayNode targets = node.putArray("targets");
    for (int q = 0; q < panel.queries().size(); q++) {
      ObjectNode target =
          targets
              .addObject()
              .put("refId", String.valueOf((char) ('A' + q)))
              .put("expr", panel.queries().get(q).expression())
              .put("legendFormat", panel.queries().get(q).legend());
      if (panel.kind() == Panel.Kind.TABLE) {
        target.put("format", "table").put("instant", true);
      }
      datasource(target);
    }
    if (panel.kind() == Panel.Kind.TABLE) {
      hideBookkeeping(node);
    }
  }

  private static void thresholds(ObjectNode defaults, Panel panel) {
    if (panel.bad().isEmpty()) {
      return;
    }
    ObjectNode thresholds = defaults.putObject("thresholds").put("mode", "absolute");
    ArrayNode steps = thresholds.putArray("steps");
    steps.addObject().put("color", panel.badAbove() ? "green" : "red").putNull("value");
    steps
        .addObject()
        .put("color", panel.badAbove() ? "red" : "green")
        .put("value", panel.bad().getAsDouble());
    if (panel.kind() == Panel.Kind.TIME_SERIES) {
      defaults.putObject("custom").putObject("thresholdsStyle").put("mode", "line");
    }
  }

  /** An info metric as a table: its labels, without the time and the value 1. */
  private static void hideBookkeeping(ObjectNode node) {
    ObjectNode options =
        node.putArray("transformations").addObject().put("id", "organize").putObject("options");
    options.putObject("excludeByName").put("Time", true).put("Value", true);
  }

  private static void datasource(ObjectNode node) {
    node.putObject("datasource").put("type", "prometheus").put("uid", "${datasource}");
  }
}
