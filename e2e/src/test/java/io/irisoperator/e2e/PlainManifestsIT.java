package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.state.TrainingRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A user installs with the manifests in k8s/ instead of Helm. The last test uninstalls the Helm
 * release, so this class runs last.
 */
@ExtendWith(StackExtension.class)
@Isolated("checks the whole namespace, and replaces the stack")
@Order(Integer.MAX_VALUE)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag(Phase.UNDER_LOAD)
class PlainManifestsIT {
  private static final Path K8S = Stack.ROOT.resolve("k8s");

  private final Stack stack;

  PlainManifestsIT(Stack stack) {
    this.stack = stack;
  }

  private String run(String... command) throws Exception {
    return stack.commands.run(command);
  }

  @Test
  @Order(1)
  void everySampleIsAcceptedAndReconciled() throws Exception {
    List<IrisModel> resources = new ArrayList<>();
    try (Stream<Path> samples = Files.list(K8S.resolve("samples"))) {
      for (Path sample : samples.sorted().toList()) {
        run("kubectl", "apply", "-f", sample.toString());
        resources.add(stack.client.resources(IrisModel.class).load(sample.toFile()).item());
      }
    }
    for (IrisModel resource : resources) {
      String name = resource.getMetadata().getName();
      // The runs that samples name by ID do not exist.
      boolean resolves = resource.getSpec().model().runId() == null;
      ConditionType type = resolves ? ConditionType.READY : ConditionType.MODEL_RESOLVED;
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(stack.irisModels.condition(name, type).getStatus())
                      .as("%s of %s", type, name)
                      .isEqualTo(resolves ? "True" : "False"));
    }
    for (IrisModel resource : resources) {
      if (!resource.getMetadata().getName().equals("iris")) {
        stack.irisModels.delete(resource.getMetadata().getName());
      }
    }
  }

  @Test
  @Order(2)
  void verifyChecksPredictionsAndMetrics() throws Exception {
    assertThat(run(K8S + "/verify"))
        .containsPattern("ok +setosa: .*\"prediction\":\"setosa\"")
        .containsPattern("ok +virginica: ")
        .doesNotContain("WRONG");
    assertThatThrownBy(() -> run(K8S + "/verify", "absent"))
        .hasMessageContaining("IrisModel mlops/absent has no running pod");
  }

  @Test
  @Order(3)
  void checkReportsProblems() throws Exception {
    await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> run(K8S + "/check"));
    assertThat(run(K8S + "/check"))
        .containsPattern("ok +Deployment/iris-operator 1 ready")
        .containsPattern("ok +irismodel/iris serves run [0-9a-f]{32}")
        .containsPattern("ok +no alert is firing")
        .contains("All is well.");
    stack.irisModels.apply("not-ready", "{model: {runId: " + "0".repeat(32) + "}}");
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> run(K8S + "/check"))
                    .hasMessageContaining("WRONG  irismodel/not-ready is not ready: ")
                    .hasMessageContaining("run 0000")
                    .hasMessageContaining("Something is wrong."));
    stack.irisModels.delete("not-ready");
  }

  /** Its phase is Failed, as its program ends by a signal; a finalizer holds it there. */
  @Test
  @Order(4)
  void aPodThatIsBeingDeletedIsNoProblem() throws Exception {
    Resource<Pod> pod =
        stack
            .client
            .pods()
            .inNamespace(NAMESPACE)
            .withName(stack.irisModels.podNames("iris").getFirst());
    setFinalizers(pod, List.of("e2e.iris-operator.io/held"));
    pod.delete();
    pod.waitUntilCondition(p -> p.getStatus().getPhase().equals("Failed"), 60, TimeUnit.SECONDS);
    await().untilAsserted(() -> assertThat(run(K8S + "/check")).contains("All is well."));
    setFinalizers(pod, List.of());
    stack.pods.awaitNoneTerminating();
  }

  private static void setFinalizers(Resource<Pod> pod, List<String> finalizers) {
    pod.edit(
        p -> {
          p.getMetadata().setFinalizers(finalizers);
          return p;
        });
  }

  @Test
  @Order(5)
  void theManifestsReplaceTheHelmReleaseWithoutRestartingAModel() throws Exception {
    Path overlay = overlay();
    List<String> pods = stack.irisModels.podUids("iris");
    assertThat(pods).isNotEmpty();
    run("helm", "uninstall", "iris", "-n", NAMESPACE, "--wait");
    assertThat(stack.irisModels.exists("iris")).isTrue();
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
    assertThat(stack.irisModels.podUids("iris")).isEqualTo(pods);

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
        .irisModels
        .resource("iris")
        .edit(
            r -> {
              r.getMetadata().getAnnotations().put(TrainingRequest.ANNOTATION, "without Helm");
              return r;
            });
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              TrainingStatus training =
                  stack.irisModels.status("iris").training(TrainingTrigger.REQUEST).orElseThrow();
              return training.request().endsWith("without Helm")
                  && training.phase() == TrainingPhase.SUCCEEDED;
            });
  }

  /**
   * A Kustomize overlay with the stack's images, and without Grafana, whose image is not loaded.
   */
  private Path overlay() throws Exception {
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
            .formatted(
                stack.operator.container().getImage(),
                stack.operator.env("IRIS_MODEL_SERVER_IMAGE"),
                stack.operator.env("IRIS_TRAINER_IMAGE")));
    return folder;
  }
}
