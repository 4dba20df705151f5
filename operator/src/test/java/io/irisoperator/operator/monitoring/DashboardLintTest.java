package io.irisoperator.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Grafana's dashboard-linter looks at, but for its job and instance variables: these
 * dashboards choose by namespace and model.
 *
 * @see <a href="https://github.com/grafana/dashboard-linter/blob/main/docs/index.md">its rules</a>
 */
class DashboardLintTest {
  private static final Pattern RATED =
      Pattern.compile("(rate|increase|irate)\\(([a-z_:]+)\\{[^}]*\\}\\[([^]]+)\\]\\)");

  private static final Pattern COUNTER =
      Pattern.compile("\\b[a-z_]+(_total|_bucket|_sum|_count)\\{");

  private static Stream<JsonNode> dashboards() throws Exception {
    JsonMapper json = new JsonMapper();
    return Stream.of(
        json.readTree(ModelDashboard.of("mlops", "iris").json()),
        json.readTree(OperatorDashboard.of().json()));
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void theDashboardIsOneThatGrafanaTakes(JsonNode dashboard) {
    assertThat(dashboard.path("uid").asText()).matches("[A-Za-z0-9_-]{1,40}");
    assertThat(dashboard.path("title").asText()).isNotBlank();
    assertThat(dashboard.path("editable").asBoolean(true)).isFalse();
    assertThat(dashboard.path("schemaVersion").asInt()).isEqualTo(39);
    JsonNode datasource = dashboard.at("/templating/list/0");
    assertThat(datasource.path("type").asText()).isEqualTo("datasource");
    assertThat(datasource.path("name").asText()).isEqualTo("datasource");
    assertThat(datasource.path("label").asText()).isEqualTo("Data source");
    assertThat(datasource.path("query").asText()).isEqualTo("prometheus");
    for (JsonNode variable : dashboard.at("/templating/list")) {
      if (variable.path("type").asText().equals("query")) {
        assertThat(variable.path("refresh").asInt()).as("on a change of time range").isEqualTo(2);
        assertFromTheVariable(variable);
      }
    }
    for (JsonNode annotation : dashboard.at("/annotations/list")) {
      assertFromTheVariable(annotation);
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyPanelIsWholeAndInItsPlace(JsonNode dashboard) {
    Set<Integer> ids = new HashSet<>();
    Set<String> places = new HashSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      String title = panel.path("title").asText();
      assertThat(title).isNotBlank();
      assertThat(panel.path("description").asText()).as(title).isNotBlank();
      assertThat(ids.add(panel.path("id").asInt())).as(title).isTrue();
      JsonNode place = panel.path("gridPos");
      assertThat(places.add(place.path("x") + " " + place.path("y"))).as(title).isTrue();
      assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
      assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotBlank();
      assertThat(panel.path("targets")).as(title).isNotEmpty();
      assertFromTheVariable(panel);
      for (JsonNode target : panel.path("targets")) {
        assertFromTheVariable(target);
        assertThat(target.path("legendFormat").asText()).as(title).isNotBlank();
        assertQuery(title, target.path("expr").asText());
      }
    }
  }

  private static void assertQuery(String title, String expression) {
    Matcher rated = RATED.matcher(expression);
    while (rated.find()) {
      assertThat(rated.group(3)).as(title).isEqualTo("$__rate_interval");
      assertThat(rated.group(2))
          .as("a counter in " + title)
          .matches(".*(_total|_bucket|_sum|_count)");
    }
    // What grows for ever says something only by how fast; but for loads, which happen once a pod.
    if (COUNTER.matcher(expression).find()
        && !expression.contains("iris_model_load_duration_seconds")) {
      assertThat(expression).as(title).contains("rate(");
    }
    if (expression.contains("histogram_quantile")) {
      assertThat(expression).as(title).containsPattern("sum by \\(le\\b");
    }
    assertThat(expression).as(title).contains("namespace=\"$namespace\"");
  }

  private static void assertFromTheVariable(JsonNode node) {
    assertThat(node.at("/datasource/uid").asText()).isEqualTo("${datasource}");
    assertThat(node.at("/datasource/type").asText()).isEqualTo("prometheus");
  }
}
