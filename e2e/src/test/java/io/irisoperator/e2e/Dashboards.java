package io.irisoperator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads dashboards as Grafana would. */
final class Dashboards {
  private static final JsonMapper JSON = new JsonMapper();

  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");

  private Dashboards() {}

  /** What {@code label_values(series, label)} asks for. */
  record LabelValues(String series, String label) {}

  /**
   * A dashboard with its variables filled in.
   *
   * @param queries by panel and letter
   */
  record Shown(
      Map<String, String> queries, List<String> annotations, List<LabelValues> variables) {}

  /** The dashboard in a ConfigMap, with these values chosen. */
  static Shown of(Stack stack, String configMap, Map<String, String> chosen) throws Exception {
    JsonNode dashboard =
        JSON.readTree(
            stack
                .client
                .configMaps()
                .inNamespace(Stack.NAMESPACE)
                .withName(configMap)
                .get()
                .getData()
                .values()
                .iterator()
                .next());
    Map<String, String> queries = new TreeMap<>();
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        queries.put(
            panel.path("title").asText() + " " + target.path("refId").asText(),
            fill(target.path("expr").asText(), chosen));
      }
    }
    List<String> annotations = new ArrayList<>();
    for (JsonNode annotation : dashboard.path("annotations").path("list")) {
      annotations.add(fill(annotation.path("expr").asText(), chosen));
    }
    List<LabelValues> variables = new ArrayList<>();
    for (JsonNode variable : dashboard.path("templating").path("list")) {
      Matcher query = LABEL_VALUES.matcher(fill(variable.path("query").asText(), chosen));
      if (query.matches()) {
        variables.add(new LabelValues(query.group(1), query.group(2)));
      }
    }
    return new Shown(queries, annotations, variables);
  }

  /** Grafana's rate interval is at least four scrape intervals. */
  private static String fill(String text, Map<String, String> chosen) {
    String filled = text.replace("$__rate_interval", "1m");
    for (Map.Entry<String, String> variable : chosen.entrySet()) {
      filled = filled.replace("$" + variable.getKey(), variable.getValue());
    }
    return filled;
  }
}
