package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Somebody installs the chart in their own way, upgrades it, and takes it away. */
class ChartIT {
  private static final List<String> EVERYTHING_ON =
      List.of(
          "imagePullSecrets={registry}",
          "mlflow.backendStore.secret=database",
          "mlflow.artifacts.destination=s3://models/mlflow",
          "mlflow.artifacts.s3Secret=s3",
          "mlflow.auth.enabled=true",
          "mlflow.networkPolicy.from[0].namespaceSelector.matchLabels.team=data",
          "prometheus.labels.release=monitoring",
          "grafana.adminSecret=grafana",
          "backup.enabled=true",
          "backup.s3.destination=s3://backups/mlflow",
          "operator.watchNamespaces={team-a,team-b}",
          "operator.image.digest=sha256:" + "0".repeat(64));
  private static final List<String> EVERYTHING_OFF =
      List.of(
          "crds.install=false",
          "operator.enabled=false",
          "trainer.enabled=false",
          "mlflow.enabled=false",
          "prometheus.enabled=false",
          "prometheus.operator.enabled=false",
          "grafana.enabled=false");

  private static Stack stack;

  @BeforeAll
  static void connect() {
    stack = new Stack();
  }

  @AfterAll
  static void disconnect() {
    stack.close();
  }

  private static String helm(List<String> values, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("helm"));
    command.addAll(List.of(arguments));
    values.forEach(value -> command.addAll(List.of("--set", value)));
    return stack.run(Map.of(), command);
  }

  private static String template(List<String> values) throws Exception {
    return helm(
        values,
        "template",
        "iris",
        Release.CHART.toString(),
        "-n",
        "mlops",
        "--kube-version=1.34.0",
        "--skip-tests");
  }

  @Test
  void itIsCleanToHelmsLinterWhateverIsOn() throws Exception {
    for (List<String> values : List.of(List.<String>of(), EVERYTHING_ON, EVERYTHING_OFF)) {
      helm(values, "lint", "--strict", Release.CHART.toString());
    }
  }

  @Test
  void theApiServerTakesAllOfItWhateverIsOn() throws Exception {
    for (List<String> values : List.of(List.<String>of(), EVERYTHING_ON)) {
      Path manifests = Files.createTempFile("chart", ".yaml");
      Files.writeString(
          manifests,
          template(values)
              // Those of the watched namespaces, which are not there.
              .replaceAll("namespace: \"?team-[ab]\"?", "namespace: mlops"));
      String applied =
          stack.run(
              Map.of(),
              List.of(
                  "kubectl",
                  "apply",
                  "--dry-run=server",
                  "--server-side",
                  "--force-conflicts",
                  "-f",
                  manifests.toString()));
      assertThat(applied)
          .contains("deployment.apps/grafana", "prometheus.monitoring.coreos.com/iris");
      assertThat(applied.contains("cronjob.batch/mlflow-backup")).isEqualTo(!values.isEmpty());
    }
  }

  @Test
  void withEverythingOffThereIsNothing() throws Exception {
    assertThat(template(EVERYTHING_OFF)).isBlank();
  }

  @Test
  void uninstallingLeavesTheCrdAndTheDataUnlessToldOtherwise() throws Exception {
    List<String> backups = List.of("backup.enabled=true");
    assertThat(template(backups).split("helm.sh/resource-policy: keep", -1)).hasSize(1 + 3);
    assertThat(
            template(
                List.of(
                    "backup.enabled=true",
                    "crds.keep=false",
                    "mlflow.persistence.keep=false",
                    "backup.persistence.keep=false")))
        .doesNotContain("helm.sh/resource-policy: keep");
  }

  @Test
  void noRightIsClusterWideWhereNamespacesAreWatched() throws Exception {
    String manifests = template(EVERYTHING_ON);
    List<String> clusterRoles =
        Stream.of(manifests.split("\n---\n"))
            .filter(m -> m.contains("kind: ClusterRole\n"))
            .map(m -> m.replaceAll("(?s).*?\n  name: (\\S+).*", "$1"))
            .sorted()
            .toList();
    // What belongs to no namespace: CRDs by name; namespaces and storage classes, to be read.
    assertThat(clusterRoles)
        .containsExactly("iris-operator-mlops-crds", "prometheus-operator-mlops-cluster");
    assertThat(manifests).contains("namespace: team-a", "namespace: team-b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          operator.replica=2                     | additional properties 'replica' not allowed
          operatr.replicas=2                     | additional properties 'operatr' not allowed
          operator.logFormat=xml                 | must be one of 'json', 'text'
          operator.pollIntervalSeconds=0         | minimum: got 0, want 1
          operator.trackingUri=mlflow:5000       | does not match pattern
          operator.image.digest=sha256:12        | does not match pattern
          mlflow.persistence.size=large          | does not match pattern
          mlflow.auth.defaultPermission=ALL      | must be one of 'READ', 'EDIT', 'MANAGE', 'NO_PERMISSIONS'
          backup.schedule=nightly                | does not match pattern
          backup.keep=0                          | minimum: got 0, want 1
          grafana.enabled=maybe                  | got string, want boolean
          mlflow.enabled=false                   | set operator.trackingUri, as mlflow.enabled is false
          prometheus.enabled=false               | set grafana.prometheusUrl, as prometheus.enabled is false
          """)
  void aWrongValueIsRefusedWithASentence(String value, String sentence) {
    assertThatThrownBy(() -> template(List.of(value))).hasMessageContaining(sentence);
  }

  @Test
  void everyValueIsDescribedAndEveryDescribedOneIsThere() throws Exception {
    JsonNode schema =
        new JsonMapper().readTree(Release.CHART.resolve("values.schema.json").toFile());
    JsonNode values = new YAMLMapper().readTree(Release.CHART.resolve("values.yaml").toFile());
    assertDescribed("", schema, schema, values);
  }

  private static void assertDescribed(
      String path, JsonNode root, JsonNode schema, JsonNode values) {
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              String name = path + property.getKey();
              JsonNode node = property.getValue();
              String reference = node.findPath("$ref").asText();
              JsonNode resolved =
                  reference.isEmpty() || node.has("properties")
                      ? node
                      : root.at(reference.substring(1));
              boolean described =
                  node.has("description")
                      || resolved.has("description")
                      // An image is described by its parts.
                      || resolved.has("required");
              assertThat(described).as(name + " has a description").isTrue();
              boolean optional =
                  List.of("global", "prometheus-crds").contains(name)
                      || name.matches(".*[iI]mage\\.(pullPolicy|digest)")
                      || name.contains(".resources.");
              if (!optional) {
                assertThat(values.has(property.getKey())).as(name + " has a default").isTrue();
                assertDescribed(name + ".", root, resolved, values.path(property.getKey()));
              }
            });
  }

  @Test
  void aPrometheusAndAGrafanaOfOnesOwnAreMetByValuesAlone() throws Exception {
    String manifests =
        helm(
            List.of(
                "prometheus.enabled=false",
                "prometheus.operator.enabled=false",
                "prometheus.labels.release=monitoring",
                "grafana.enabled=false",
                "grafana.dashboardLabels.grafana_dashboard=yes"),
            "template",
            "iris",
            Release.CHART.toString(),
            "--kube-version=1.34.0",
            "--api-versions=monitoring.coreos.com/v1/ServiceMonitor");
    List<String> monitors =
        Stream.of(manifests.split("\n---\n"))
            .filter(m -> m.matches("(?s).*kind: (ServiceMonitor|PrometheusRule)\n.*"))
            .toList();
    assertThat(monitors).hasSize(2).allMatch(m -> m.contains("\n    release: monitoring\n"));
    // And those that the operator makes of each IrisModel.
    assertThat(manifests)
        .contains("{name: MONITORING_LABELS, value: \"release=monitoring\"}")
        .contains("{name: DASHBOARD_LABELS, value: \"grafana_dashboard=yes\"}")
        .contains("grafana_dashboard: \"yes\"")
        .doesNotContain("kind: Prometheus\n");
  }

  @Test
  void theCommandsOfItsNotesWorkAsPrinted() throws Exception {
    String notes = helm(List.of(), "get", "notes", "iris", "-n", "mlops");
    String script =
        notes
            .lines()
            .filter(line -> line.startsWith("  ") && !line.contains("port-forward"))
            .map(line -> line.substring(2))
            .collect(Collectors.joining("\n"))
            // The quickstart's own stays as it is.
            .replace("{name: iris}", "{name: noted}")
            .replace("irismodel/iris", "irismodel/noted")
            .replace("services/iris:", "services/noted:");
    assertThat(script).contains("kubectl -n mlops apply", "kubectl -n mlops wait", "/predict");
    assertThat(stack.run(Map.of(), List.of("bash", "-euo", "pipefail", "-c", script)))
        .contains("irismodel.iris-operator.io/noted condition met")
        .contains("\"prediction\":\"setosa\"");
    stack.delete("noted");
  }

  @Test
  void helmTestMakesAPrediction() throws Exception {
    // Its pod ends well only if the answer is the right one.
    assertThat(stack.run(Map.of(), List.of("helm", "test", "iris", "-n", "mlops")))
        .contains("TEST SUITE:     helm-test-question")
        .contains("Phase:          Succeeded")
        .doesNotContain("Phase:          Failed");
  }

  @Test
  void anUpgradeFromTheChartBeforeAndBackRestartsNoModelAndUninstallingStopsNone()
      throws Exception {
    Release release = Release.in(stack, "upgraded");
    try {
      String[] values = {"mlflow.enabled=false", "operator.trackingUri=http://mlflow.mlops:5000"};
      release.upgradeTo(chartBefore(), values);
      release.serve("kept", "{model: {latest: {experiment: iris_classification}}}");
      TreeSet<String> pods = release.podUids("kept");
      assertThat(pods).hasSize(1);

      release.upgradeTo(Release.CHART, values);
      release.awaitReady("kept");
      assertThat(release.podUids("kept")).isEqualTo(pods);

      release.helm("rollback", "upgraded", "1", "--wait");
      release.awaitReady("kept");
      assertThat(release.podUids("kept")).isEqualTo(pods);

      release.helm("uninstall", "upgraded", "--wait");
      assertThat(release.irisModel("kept")).isNotNull();
      assertThat(release.podUids("kept")).isEqualTo(pods);
      new Predictions(stack, "kept.upgraded").ask(TestRows.first(1));
    } finally {
      release.remove();
    }
  }

  /** The chart as it was before its last change, where the clone knows that. */
  private static Path chartBefore() throws Exception {
    List<String> commits =
        stack
            .run(
                Map.of(),
                List.of(
                    "git",
                    "-C",
                    Stack.ROOT.toString(),
                    "log",
                    "-n",
                    "2",
                    "--format=%H",
                    "--",
                    "helm",
                    "crds"))
            .lines()
            .toList();
    if (commits.size() < 2) {
      // A shallow clone has no history: the release is upgraded to the same chart, then.
      return Release.CHART;
    }
    Path folder = Files.createTempDirectory("chart-before");
    stack.run(
        Map.of(),
        List.of(
            "sh",
            "-c",
            "git -C %s archive %s helm crds | tar x -C %s"
                .formatted(Stack.ROOT, commits.getLast(), folder)));
    return folder.resolve("helm/iris-stack");
  }
}
