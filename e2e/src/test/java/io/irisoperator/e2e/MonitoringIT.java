package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.mlflow.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody watches models with the Prometheus that came with the chart. */
class MonitoringIT {
  private static final Duration SCRAPED = Duration.ofSeconds(90);

  private static final JsonMapper JSON = new JsonMapper();

  private static Stack stack;
  private static Prometheus prometheus;
  private static Run trained;

  @BeforeAll
  static void connect() throws Exception {
    stack = new Stack();
    prometheus = new Prometheus();
    trained = stack.trainedRun();
    Stack.awaitAnswer(Prometheus.ADDRESS.resolve("/-/ready"));
  }

  @AfterAll
  static void disconnect() {
    prometheus.close();
    stack.close();
  }

  @Test
  void prometheusKnowsExactlyThePredictionsThatWereMade() throws Exception {
    stack.apply("counted", "{model: {runId: " + trained.runId() + "}}");
    stack.awaitReady("counted", trained.runId());
    Map<String, Double> made = new TreeMap<>();
    for (String answer : new Predictions(stack, "counted").ask(TestRows.first(57))) {
      made.merge(answer.replaceAll(".*\"prediction\":\"(\\w+)\".*", "$1"), 1.0, Double::sum);
    }
    assertThat(made).hasSize(3);
    await()
        .atMost(SCRAPED)
        .untilAsserted(
            () -> {
              Map<String, Double> counted = new TreeMap<>();
              prometheus
                  .query(
                      "sum by (predicted_class) (iris_predictions_total{namespace=\"mlops\",service=\"counted\"})")
                  .forEach(
                      series ->
                          counted.put(
                              series.path("metric").path("predicted_class").asText(),
                              series.path("value").get(1).asDouble()));
              assertThat(counted).isEqualTo(made);
            });
    // The metric's own label, which a target's label of that name would have pushed aside.
    assertThat(
            prometheus.value(
                "sum(iris_api_requests_total{service=\"counted\",endpoint=\"/predict\",status=\"200\"})"))
        .isEqualTo(57);
    stack.delete("counted");
  }

  @Test
  void everyTargetIsUp() {
    await()
        .atMost(SCRAPED)
        .untilAsserted(
            () -> {
              List<String> services = prometheus.targets().findValuesAsText("service");
              assertThat(services).contains("iris", "iris-operator", "prometheus");
              assertThat(prometheus.targets())
                  .allSatisfy(target -> assertThat(target.path("health").asText()).isEqualTo("up"));
              // Of what another test has taken away, the last answer may still be remembered.
              assertThat(prometheus.query("up{namespace=\"mlops\"} == 0")).isEmpty();
            });
  }

  @Test
  void aBrokenModelRaisesItsAlarmAndHealingItEndsIt() throws Exception {
    Map<String, byte[]> broken = new TreeMap<>(stack.files(trained));
    broken.put("model.onnx", "no model".getBytes(StandardCharsets.UTF_8));
    Run run = stack.finishedRun("e2e-alarm", broken);
    String spec = "{model: {runId: %s}, monitoring: {alerts: {for: 1s}}}";
    stack.apply("alarming", spec.formatted(run.runId()));
    await()
        .atMost(SCRAPED)
        .untilAsserted(
            () ->
                assertThat(firing("alarming"))
                    .contains("IrisModelNotResolved", "IrisModelUnavailable"));
    stack.apply("alarming", spec.formatted(trained.runId()));
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(firing("alarming")).isEmpty());
    stack.delete("alarming");
  }

  private static List<String> firing(String irisModel) throws Exception {
    return StreamSupport.stream(prometheus.alerts().spliterator(), false)
        .filter(alert -> alert.path("state").asText().equals("firing"))
        .map(alert -> alert.path("labels"))
        .filter(labels -> labels.path("irismodel").asText().equals(irisModel))
        .map(labels -> labels.path("alertname").asText())
        .toList();
  }

  @Test
  void theMetricsPagesAreAsPrometheusWantsThem() throws Exception {
    for (Map.Entry<String, String> page :
        Map.of("server", "iris:http", "operator", "iris-operator:http").entrySet()) {
      String metrics =
          stack.run(
              Map.of(),
              List.of(
                  "kubectl",
                  "get",
                  "--raw",
                  "/api/v1/namespaces/%s/services/%s/proxy/metrics"
                      .formatted(NAMESPACE, page.getValue())));
      Path file = Path.of("target", page.getKey() + "-metrics.txt");
      Files.writeString(file, metrics);
      stack.run(Map.of(), List.of("sh", "-c", "promtool check metrics < " + file));
      if (page.getKey().equals("server")) {
        assertThat(metrics.length()).isLessThan(25_000);
      }
    }
    Stack.awaitAnswer(Stack.API.resolve("/metrics"));
    stack.python("client", "openmetrics.py", Stack.API.resolve("/metrics").toString());
  }

  @Test
  void everyLineOfTheLogsIsJsonAndSaysWhatItIsAbout() throws Exception {
    stack.shell(
        "wget -q -O- --header 'x-request-id: asked-by-e2e' http://iris.mlops/nowhere || true");
    String requests = "";
    for (String workload : List.of("deployment/iris-operator", "deployment/iris")) {
      String log =
          stack.run(Map.of(), List.of("kubectl", "-n", NAMESPACE, "logs", workload, "--all-pods"));
      for (String line : log.lines().toList()) {
        JsonNode json = JSON.readTree(line.replaceFirst("^\\[pod/\\S+] ", ""));
        assertThat(json.path("@timestamp").asText()).as(line).isNotEmpty();
        assertThat(json.path("log.level").asText()).as(line).isNotEmpty();
        assertThat(json.path("service.name").asText()).as(line).startsWith("iris-");
        if (json.path("log.logger").asText().matches(".*[.](IrisModelReconciler|EventRecorder)")) {
          assertThat(json.path("resource.name").asText()).as(line).isNotEmpty();
          assertThat(json.path("resource.generation").asText()).as(line).isNotEmpty();
        }
      }
      requests = log;
    }
    assertThat(requests)
        .contains("\"http.request.id\":\"asked-by-e2e\"")
        .contains("GET /nowhere answered 404");
  }

  /** Every query of every panel, with the values that Grafana would put in. */
  @Test
  void everyPanelOfTheDashboardsHasData() throws Exception {
    // One that is not well, so that the panel of those has something to show.
    stack.delete("unwell");
    stack.apply("unwell", "{model: {runId: " + "0".repeat(32) + "}}");
    new Predictions(stack, "iris").ask(TestRows.first(30));
    Dashboards.Shown model =
        Dashboards.of(stack, "iris-dashboard", Map.of("namespace", "mlops", "model", "iris"));
    Dashboards.Shown operator =
        Dashboards.of(stack, "iris-operator-dashboard", Map.of("namespace", "mlops"));
    for (Dashboards.Shown dashboard : List.of(model, operator)) {
      assertThat(dashboard.queries()).hasSizeGreaterThan(10);
      dashboard
          .queries()
          .forEach(
              (where, query) ->
                  await()
                      .atMost(SCRAPED)
                      .untilAsserted(
                          () ->
                              assertThat(prometheus.query(query))
                                  .as("%s: %s", where, query)
                                  .isNotEmpty()));
      for (String annotation : dashboard.annotations()) {
        assertThat(prometheus.queryLastHour(annotation)).as(annotation).isNotEmpty();
      }
      for (Dashboards.LabelValues variable : dashboard.variables()) {
        JsonNode values = prometheus.labelValues(variable.series(), variable.label());
        assertThat(values).as(variable.toString()).isNotEmpty();
      }
    }
    stack.delete("unwell");
  }
}
