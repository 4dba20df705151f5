package io.irisoperator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The queries of a dashboard with its variables replaced, as Grafana sends them to Prometheus.
 *
 * @param queries by the panel's title and the query's letter
 */
record Dashboard(
    Map<String, String> queries, List<String> annotations, List<LabelValues> variables) {
  private static final JsonMapper JSON = new JsonMapper();

  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");

  /** The query {@code label_values(series, label)} of a variable. */
  record LabelValues(String series, String label) {}

  /** Reads the dashboard in a ConfigMap. */
  static Dashboard read(Stack stack, String configMap, Map<String, String> values)
      throws Exception {
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
            replaceVariables(target.path("expr").asText(), values));
      }
    }
    List<String> annotations = new ArrayList<>();
    for (JsonNode annotation : dashboard.path("annotations").path("list")) {
      annotations.add(replaceVariables(annotation.path("expr").asText(), values));
    }
    List<LabelValues> variables = new ArrayList<>();
    for (JsonNode variable : dashboard.path("templating").path("list")) {
      Matcher query =
          LABEL_VALUES.matcher(replaceVariables(variable.path("query").asText(), values));
      if (query.matches()) {
        variables.add(new LabelValues(query.group(1), query.group(2)));
      }
    }
    return new Dashboard(queries, annotations, variables);
  }

  /** Grafana's rate interval is at least four scrape intervals. */
  private static String replaceVariables(String text, Map<String, String> values) {
    String replaced = text.replace("$__rate_interval", "1m");
    for (Map.Entry<String, String> variable : values.entrySet()) {
      replaced = replaced.replace("$" + variable.getKey(), variable.getValue());
    }
    return replaced;
  }
}
