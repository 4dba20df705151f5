package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Somebody uses k8s/ instead of Helm. The last test takes Helm's release away, so that this class
 * runs after all others.
 */
@Order(Integer.MAX_VALUE)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlainManifestsIT {
  private static final Path K8S = Stack.ROOT.resolve("k8s");

  private static Stack stack;

  @BeforeAll
  static void connect() {
    stack = new Stack();
  }

  @AfterAll
  static void disconnect() {
    stack.close();
  }

  private static String run(String... command) throws Exception {
    return stack.run(Map.of(), List.of(command));
  }

  @Test
  @Order(1)
  void theyAreWhatTheChartMakes() throws Exception {
    Path rendered = Files.createTempDirectory("k8s");
    run(K8S + "/render-manifests", rendered.toString());
    run("diff", "-ru", rendered + "/crds", K8S + "/crds");
    run("diff", "-u", rendered + "/stack.yaml", K8S + "/stack.yaml");
  }

  @Test
  @Order(1)
  void thePrometheusOperatorsCrdsAreThoseOfItsPinnedVersion() throws Exception {
    Path made = Files.createTempDirectory("crds");
    run(Stack.ROOT + "/helm/update-prometheus-crds", made.toString());
    run("diff", "-ru", made.toString(), Release.CHART + "/charts/prometheus-crds/crds");
  }

  @Test
  @Order(2)
  void everySampleIsTakenAndEverySampleIsLookedAt() throws Exception {
    try (Stream<Path> samples = Files.list(K8S.resolve("samples"))) {
      for (Path sample : samples.sorted().toList()) {
        run("kubectl", "apply", "-f", sample.toString());
        IrisModel resource = stack.client.resources(IrisModel.class).load(sample.toFile()).item();
        String name = resource.getMetadata().getName();
        String expected = resource.getSpec().model().runId() == null ? "Ready" : "ModelResolved";
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(
                () ->
                    assertThat(
                            stack.irisModel(name).get().getStatus().conditions().stream()
                                .filter(c -> c.getType().equals(expected))
                                .findFirst()
                                .orElseThrow()
                                .getStatus())
                        .as("%s of %s", expected, name)
                        // No MLflow has the run of an example.
                        .isEqualTo(expected.equals("Ready") ? "True" : "False"));
        if (!name.equals("iris")) {
          stack.delete(name);
        }
      }
    }
  }

  @Test
  @Order(3)
  void verifyComparesPredictionsWithMetrics() throws Exception {
    assertThat(run(K8S + "/verify"))
        .containsPattern("ok +setosa: .*\"prediction\":\"setosa\"")
        .containsPattern("ok +virginica: ")
        .doesNotContain("WRONG");
    assertThatThrownBy(() -> run(K8S + "/verify", "absent"))
        .hasMessageContaining("IrisModel mlops/absent has no running pod");
  }

  @Test
  @Order(4)
  void checkSeesThatAllIsWellAndWhatIsNot() throws Exception {
    await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> run(K8S + "/check"));
    assertThat(run(K8S + "/check"))
        .containsPattern("ok +Deployment/iris-operator 1 ready")
        .containsPattern("ok +irismodel/iris serves run [0-9a-f]{32}")
        .containsPattern("ok +no alert is firing")
        .contains("All is well.");
    stack.apply("broken", "{model: {runId: " + "0".repeat(32) + "}}");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> run(K8S + "/check"))
                    .hasMessageContaining("WRONG  irismodel/broken is not ready: ")
                    .hasMessageContaining("run 0000")
                    .hasMessageContaining("Something is wrong."));
    stack.delete("broken");
  }

  @Test
  @Order(5)
  void theyTakeOverFromHelmWithoutRestartingAModel() throws Exception {
    Path overlay = overlay();
    Release here = new Release(stack, NAMESPACE);
    TreeSet<String> pods = here.podUids("iris");
    assertThat(pods).isNotEmpty();
    run("helm", "uninstall", "iris", "-n", NAMESPACE, "--wait");
    assertThat(stack.irisModel("iris").get()).isNotNull();
    assertThat(
            stack
                .client
                .persistentVolumeClaims()
                .inNamespace(NAMESPACE)
                .withName("mlflow")
                .get()
                .getStatus()
                .getPhase())
        .isEqualTo("Bound");
    assertThat(here.podUids("iris")).isEqualTo(pods);

    run("kubectl", "apply", "--server-side", "--force-conflicts", "-k", K8S + "/crds");
    run("kubectl", "apply", "--server-side", "--force-conflicts", "-k", overlay.toString());
    for (String deployment : List.of("iris-operator", "mlflow", "prometheus-operator")) {
      run(
          "kubectl",
          "-n",
          NAMESPACE,
          "rollout",
          "status",
          "deployment/" + deployment,
          "--timeout=180s");
    }
    run(
        "kubectl",
        "-n",
        NAMESPACE,
        "wait",
        "--for=condition=Available",
        "prometheus/iris",
        "--timeout=180s");
    stack
        .irisModel("iris")
        .edit(
            r -> {
              r.getMetadata().getAnnotations().put("iris-operator.io/retrain", "without Helm");
              return r;
            });
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              TrainingStatus training =
                  stack
                      .irisModel("iris")
                      .get()
                      .getStatus()
                      .training(TrainingTrigger.REQUEST)
                      .orElseThrow();
              return training.request().endsWith("without Helm")
                  && training.phase() == TrainingPhase.SUCCEEDED;
            });
  }

  /** The images of this build; no Grafana, whose image is in no reach. */
  private static Path overlay() throws Exception {
    var container =
        stack
            .client
            .apps()
            .deployments()
            .inNamespace(NAMESPACE)
            .withName("iris-operator")
            .get()
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();
    String server = env(container, "IRIS_MODEL_SERVER_IMAGE");
    String trainer = env(container, "IRIS_TRAINER_IMAGE");
    Path folder = Files.createTempDirectory(Stack.ROOT.resolve("e2e/target"), "overlay");
    Files.writeString(
        folder.resolve("kustomization.yaml"),
        """
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        resources: [../../../k8s]
        patches:
          - patch: |
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: grafana, namespace: mlops}
              spec: {replicas: 0}
          - patch: |
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: iris-operator, namespace: mlops}
              spec:
                template:
                  spec:
                    containers:
                      - name: operator
                        image: %s
                        env:
                          - {name: IRIS_MODEL_SERVER_IMAGE, value: "%s"}
                          - {name: IRIS_TRAINER_IMAGE, value: "%s"}
        """
            .formatted(container.getImage(), server, trainer));
    return folder;
  }

  private static String env(Container container, String name) {
    return container.getEnv().stream()
        .filter(variable -> variable.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }
}
