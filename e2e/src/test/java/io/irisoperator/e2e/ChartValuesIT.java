package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user sets values of the chart. */
@Tag(Phase.EXCLUSIVE)
class ChartValuesIT {
  static final List<String> ALL_ENABLED =
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

  /** The arguments of helm that render the release of the stack. */
  static final String[] TEMPLATE = {
    "template",
    "iris",
    Release.CHART.toString(),
    "-n",
    "mlops",
    "--kube-version=1.34.0",
    "--skip-tests"
  };

  private final Commands commands = new Commands();

  private String helm(List<String> values, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("helm"));
    command.addAll(List.of(arguments));
    values.forEach(value -> command.addAll(List.of("--set", value)));
    return commands.run(command);
  }

  private String template(List<String> values) throws Exception {
    return helm(values, TEMPLATE);
  }

  @Test
  void helmLintPassesWithAnyValues() throws Exception {
    for (List<String> values : List.of(List.<String>of(), ALL_ENABLED, ALL_DISABLED)) {
      helm(values, "lint", "--strict", Release.CHART.toString());
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
}
