package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.irisoperator.contract.TrainingDefaults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user installs the chart with various values, upgrades it and uninstalls it. */
@ExtendWith(StackExtension.class)
@Tag(Stack.SECOND_PHASE)
class ChartIT {
  private static final List<String> ALL_ENABLED =
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
          "operator.caBundleConfigMap=company-ca",
          "operator.readableSecrets={mlflow-login}",
          "proxy.https=http://proxy.example.com:3128",
          "proxy.none={10.0.0.0/8,.example.com}",
          "operator.image.digest=sha256:" + "0".repeat(64));
  private static final List<String> ALL_DISABLED =
      List.of(
          "crds.install=false",
          "operator.enabled=false",
          "trainer.enabled=false",
          "mlflow.enabled=false",
          "prometheus.enabled=false",
          "prometheus.operator.enabled=false",
          "grafana.enabled=false");

  private final Stack stack;

  ChartIT(Stack stack) {
    this.stack = stack;
  }

  private String helm(List<String> values, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("helm"));
    command.addAll(List.of(arguments));
    values.forEach(value -> command.addAll(List.of("--set", value)));
    return stack.commands.run(command);
  }

  private String template(List<String> values) throws Exception {
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
  void helmLintPassesWithAnyValues() throws Exception {
    for (List<String> values : List.of(List.<String>of(), ALL_ENABLED, ALL_DISABLED)) {
      helm(values, "lint", "--strict", Release.CHART.toString());
    }
  }

  @Test
  void theApiServerAcceptsAllManifests() throws Exception {
    for (List<String> values : List.of(List.<String>of(), ALL_ENABLED)) {
      Path manifests = Files.createTempFile("chart", ".yaml");
      Files.writeString(
          manifests,
          template(values)
              // The watched namespaces do not exist.
              .replaceAll("namespace: \"?team-[ab]\"?", "namespace: mlops"));
      String applied =
          stack.commands.run(
              "kubectl",
              "apply",
              "--dry-run=server",
              "--server-side",
              "--force-conflicts",
              "-f",
              manifests.toString());
      assertThat(applied)
          .contains("deployment.apps/grafana", "prometheus.monitoring.coreos.com/iris");
      assertThat(applied.contains("cronjob.batch/mlflow-backup")).isEqualTo(!values.isEmpty());
    }
  }

  @Test
  void withEverythingDisabledThereAreNoManifests() throws Exception {
    assertThat(template(ALL_DISABLED)).isBlank();
  }

  @Test
  void uninstallingKeepsTheCrdAndTheDataByDefault() throws Exception {
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
  void withWatchedNamespacesNoPermissionIsClusterWide() throws Exception {
    String manifests = template(ALL_ENABLED);
    List<String> clusterRoles =
        Stream.of(manifests.split("\n---\n"))
            .filter(m -> m.contains("kind: ClusterRole\n"))
            .map(m -> m.replaceAll("(?s).*?\n  name: (\\S+).*", "$1"))
            .sorted()
            .toList();
    // Only for cluster-scoped resources: CRDs by name; reading namespaces and storage classes.
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
          proxy.https=http://me:secret@proxy     | does not match pattern
          mlflow.persistence.size=large          | does not match pattern
          mlflow.auth.defaultPermission=ALL      | must be one of 'READ', 'EDIT', 'MANAGE', 'NO_PERMISSIONS'
          backup.schedule=nightly                | does not match pattern
          backup.keep=0                          | minimum: got 0, want 1
          grafana.enabled=maybe                  | got string, want boolean
          mlflow.enabled=false                   | set operator.trackingUri, as mlflow.enabled is false
          prometheus.enabled=false               | set grafana.prometheusUrl, as prometheus.enabled is false
          """)
  void rejectsInvalidValuesWithAMessage(String value, String message) {
    assertThatThrownBy(() -> template(List.of(value))).hasMessageContaining(message);
  }

  @Test
  void everyValueHasADescriptionAndADefault() throws Exception {
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
                      // The parts of an image have descriptions.
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
  void anExistingPrometheusAndGrafanaNeedOnlyValues() throws Exception {
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
    // The operator labels the objects of each IrisModel.
    assertThat(manifests)
        .contains("{name: MONITORING_LABELS, value: \"release=monitoring\"}")
        .contains("{name: DASHBOARD_LABELS, value: \"grafana_dashboard=yes\"}")
        .contains("grafana_dashboard: \"yes\"")
        .doesNotContain("kind: Prometheus\n");
  }

  @Test
  void theCommandsInTheNotesWorkAsPrinted() throws Exception {
    String notes = helm(List.of(), "get", "notes", "iris", "-n", "mlops");
    String script =
        notes
            .lines()
            .filter(line -> line.startsWith("  ") && !line.contains("port-forward"))
            .map(line -> line.substring(2))
            .collect(Collectors.joining("\n"))
            // The quickstart's IrisModel stays unchanged.
            .replace("{name: iris}", "{name: from-notes}")
            .replace("irismodel/iris", "irismodel/from-notes")
            .replace("services/iris:", "services/from-notes:")
            .replace(TrainingDefaults.EXPERIMENT, "e2e_from_notes");
    assertThat(script).contains("kubectl -n mlops apply", "kubectl -n mlops wait", "/predict");
    assertThat(stack.commands.run("bash", "-euo", "pipefail", "-c", script))
        .contains("irismodel.iris-operator.io/from-notes condition met")
        .contains("\"prediction\":\"setosa\"");
    stack.irisModels.delete("from-notes");
  }

  @Test
  void helmTestRequestsAPrediction() throws Exception {
    // The pod succeeds only if the prediction is correct.
    assertThat(stack.commands.run("helm", "test", "iris", "-n", "mlops"))
        .contains("TEST SUITE:     helm-test-question")
        .contains("Phase:          Succeeded")
        .doesNotContain("Phase:          Failed");
  }

  @Test
  void upgradingRollingBackAndUninstallingRestartNoModel() throws Exception {
    Release release = Release.create(stack, "upgraded");
    try {
      release.upgradeTo(previousChart(), Release.STACK_MLFLOW);
      release.serve(
          "kept", "{model: {latest: {experiment: %s}}}".formatted(TrainingDefaults.EXPERIMENT));
      List<String> pods = release.irisModels().podUids("kept");
      assertThat(pods).hasSize(1);

      release.upgradeTo(Release.CHART, Release.STACK_MLFLOW);
      release.irisModels().awaitReady("kept");
      assertThat(release.irisModels().podUids("kept")).isEqualTo(pods);

      release.helm("rollback", "upgraded", "1", "--wait");
      release.irisModels().awaitReady("kept");
      assertThat(release.irisModels().podUids("kept")).isEqualTo(pods);

      release.helm("uninstall", "upgraded", "--wait");
      assertThat(release.irisModels().exists("kept")).isTrue();
      assertThat(release.irisModels().podUids("kept")).isEqualTo(pods);
      new PredictionClient(stack, "kept.upgraded").predict(TestData.rows(1));
    } finally {
      release.uninstall();
    }
  }

  @Test
  @Tag("node")
  void upgradingTheImagesRestartsNoModel() throws Exception {
    Release release = Release.create(stack, "retagged");
    try {
      release.upgradeTo(Release.CHART, Release.STACK_MLFLOW);
      release.serve(
          "iris", "{model: {latest: {experiment: %s}}}".formatted(TrainingDefaults.EXPERIMENT));
      List<String> before = release.irisModels().podUids("iris");
      assertThat(before).hasSize(1);
      List<String> command =
          new ArrayList<>(
              List.of("upgrade", "retagged", Release.CHART.toString(), "--reuse-values", "--wait"));
      for (String section : List.of("operator", "modelServer", "trainer")) {
        String tag = release.retag(section, "next");
        command.addAll(List.of("--set-string", section + ".image.tag=" + tag));
      }
      release.helm(command.toArray(String[]::new));
      // A second pod shows that the new operator has reconciled the IrisModel.
      release.kubectl(
          "patch",
          "irismodel",
          "iris",
          "--type=merge",
          "-p",
          "{\"spec\":{\"serving\":{\"replicas\":2}}}");
      await().until(() -> release.irisModels().podUids("iris").size() == 2);
      release.irisModels().awaitReady("iris");
      assertThat(release.irisModels().podUids("iris")).containsAll(before);
    } finally {
      release.uninstall();
    }
  }

  /** The chart before its last change, from the Git history. */
  private Path previousChart() throws Exception {
    List<String> commits =
        stack
            .commands
            .run(
                "git",
                "-C",
                Stack.ROOT.toString(),
                "log",
                "-n",
                "2",
                "--format=%H",
                "--",
                "helm",
                "crds")
            .lines()
            .toList();
    if (commits.size() < 2) {
      // A shallow clone has no history, so the release is upgraded to the same chart.
      return Release.CHART;
    }
    Path folder = Files.createTempDirectory("previous-chart");
    stack.commands.run(
        "sh",
        "-c",
        "git -C %s archive %s helm crds | tar x -C %s"
            .formatted(Stack.ROOT, commits.getLast(), folder));
    return folder.resolve("helm/iris-stack");
  }
}
