package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.irisoperator.mlflow.Run;
import io.irisoperator.model.ModelFolder;
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
import org.junit.jupiter.api.extension.ExtendWith;

/** A user monitors models with the chart's Prometheus. */
@ExtendWith(StackExtension.class)
class MonitoringIT {
  private static final Duration SCRAPE_TIMEOUT = Duration.ofSeconds(90);

  private static final JsonMapper JSON = new JsonMapper();

  private static Prometheus prometheus;
  private static Run trained;

  private final Stack stack;

  MonitoringIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void connect(Stack stack) throws Exception {
    prometheus = new Prometheus();
    trained = stack.mlflow.trainedRun();
    Waits.awaitHttpOk(Prometheus.ADDRESS.resolve("/-/ready"));
  }

  @AfterAll
  static void disconnect() {
    prometheus.close();
  }

  @Test
  void prometheusCountsEachPredictionExactlyOnce() throws Exception {
    stack.irisModels.apply("counted", "{model: {runId: " + trained.runId() + "}}");
    stack.irisModels.awaitReady("counted", trained.runId());
    Map<String, Double> predictions = new TreeMap<>();
    for (String body : new PredictionClient(stack, "counted").predict(TestData.rows(57))) {
      predictions.merge(body.replaceAll(".*\"prediction\":\"(\\w+)\".*", "$1"), 1.0, Double::sum);
    }
    assertThat(predictions).hasSize(3);
    await()
        .atMost(SCRAPE_TIMEOUT)
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
              assertThat(counted).isEqualTo(predictions);
            });
    // The metric's own label endpoint wins over the target's label endpoint.
    assertThat(
            prometheus.value(
                "sum(iris_api_requests_total{service=\"counted\",endpoint=\"/predict\",status=\"200\"})"))
        .isEqualTo(57);
    stack.irisModels.delete("counted");
  }

  @Test
  void everyTargetOfTheStackIsUp() {
    await()
        .atMost(SCRAPE_TIMEOUT)
        .untilAsserted(
            () -> {
              for (String service : List.of("iris", "iris-operator", "prometheus")) {
                String selector = "up{namespace=\"mlops\",service=\"%s\"}".formatted(service);
                assertThat(prometheus.query(selector)).as(service).isNotEmpty();
                assertThat(prometheus.query(selector + " == 0")).as(service).isEmpty();
              }
            });
  }

  @Test
  void anInvalidModelFiresItsAlertsUntilItIsFixed() throws Exception {
    Map<String, byte[]> invalid = new TreeMap<>(stack.mlflow.files(trained));
    invalid.put(ModelFolder.ONNX, "no model".getBytes(StandardCharsets.UTF_8));
    Run run = stack.mlflow.finishedRun("e2e-alerts", invalid);
    String spec = "{model: {runId: %s}, monitoring: {alerts: {for: 1s}}}";
    stack.irisModels.apply("alerting", spec.formatted(run.runId()));
    await()
        .atMost(SCRAPE_TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(firing("alerting"))
                    .contains("IrisModelNotResolved", "IrisModelUnavailable"));
    stack.irisModels.apply("alerting", spec.formatted(trained.runId()));
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(firing("alerting")).isEmpty());
    stack.irisModels.delete("alerting");
  }

  @Test
  void noIrisModelHasAPrometheusRuleOfItsOwn() {
    List<PrometheusRule> rules =
        stack
            .client
            .resources(PrometheusRule.class)
            .inAnyNamespace()
            .withLabel("app.kubernetes.io/component", "alerts")
            .list()
            .getItems();
    assertThat(rules)
        .allMatch(rule -> rule.getMetadata().getOwnerReferences().isEmpty())
        .filteredOn(rule -> rule.getMetadata().getNamespace().equals(NAMESPACE))
        .extracting(rule -> rule.getMetadata().getName())
        .contains("iris-models");
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
  void theMetricsEndpointsPassPrometheusLinters() throws Exception {
    for (Map.Entry<String, String> page :
        Map.of("server", "iris:http", "operator", "iris-operator:http").entrySet()) {
      String metrics =
          stack.commands.run(
              "kubectl",
              "get",
              "--raw",
              "/api/v1/namespaces/%s/services/%s/proxy/metrics"
                  .formatted(NAMESPACE, page.getValue()));
      Path file = Path.of("target", page.getKey() + "-metrics.txt");
      Files.writeString(file, metrics);
      stack.commands.run("sh", "-c", "promtool check metrics < " + file);
    }
    Waits.awaitHttpOk(Stack.API.resolve("/metrics"));
    stack.commands.python("client", "openmetrics.py", Stack.API.resolve("/metrics").toString());
  }

  @Test
  void everyLogLineIsJsonAndNamesItsResource() throws Exception {
    stack.shell.run(
        "wget -q -O- --header 'x-request-id: requested-by-e2e' http://iris.mlops/nowhere || true");
    String requests = "";
    for (String workload : List.of("deployment/iris-operator", "deployment/iris")) {
      String log = stack.commands.run("kubectl", "-n", NAMESPACE, "logs", workload, "--all-pods");
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
        .contains("\"http.request.id\":\"requested-by-e2e\"")
        .contains("GET /nowhere answered 404");
  }

  /** Checks every query of every panel, with the variables replaced as Grafana does. */
  @Test
  void everyDashboardPanelHasData() throws Exception {
    // An IrisModel that is not ready, for the panel that shows those.
    stack.irisModels.delete("unresolved");
    stack.irisModels.apply("unresolved", "{model: {runId: " + "0".repeat(32) + "}}");
    new PredictionClient(stack, "iris").predict(TestData.rows(30));
    Dashboard model =
        Dashboard.read(stack, "iris-dashboard", Map.of("namespace", "mlops", "model", "iris"));
    Dashboard operator =
        Dashboard.read(stack, "iris-operator-dashboard", Map.of("namespace", "mlops"));
    for (Dashboard dashboard : List.of(model, operator)) {
      assertThat(dashboard.queries()).hasSizeGreaterThan(10);
      dashboard
          .queries()
          .forEach(
              (panel, query) ->
                  await()
                      .atMost(SCRAPE_TIMEOUT)
                      .untilAsserted(
                          () ->
                              assertThat(prometheus.query(query))
                                  .as("%s: %s", panel, query)
                                  .isNotEmpty()));
      for (String annotation : dashboard.annotations()) {
        assertThat(prometheus.queryLastHour(annotation)).as(annotation).isNotEmpty();
      }
      for (Dashboard.LabelValues variable : dashboard.variables()) {
        JsonNode values = prometheus.labelValues(variable.series(), variable.label());
        assertThat(values).as(variable.toString()).isNotEmpty();
      }
    }
    stack.irisModels.delete("unresolved");
  }
}
