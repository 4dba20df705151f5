package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A user applies an IrisModel and requests predictions. */
@ExtendWith(StackExtension.class)
class ServingIT {
  private static Run trained;

  private final Stack stack;

  ServingIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void findTrainedRun(Stack stack) throws Exception {
    trained = stack.mlflow.trainedRun();
  }

  @Test
  void aModelIsReadyWithinAMinuteAndAnswersAsOnnxRuntimeDoes() throws Exception {
    stack.irisModels.apply("applied", "{model: {runId: " + trained.runId() + "}}");
    stack.irisModels.awaitReady("applied", trained.runId());
    IrisModelStatus status = stack.irisModels.status("applied");
    assertThat(status.url()).isEqualTo("http://applied.mlops.svc");
    assertThat(status.model().metrics()).containsEntry("test_accuracy", 0.987);
    new PredictionClient(stack, "applied.mlops.svc")
        .assertPredictsLikeOnnxRuntime(stack.mlflow.onnx(trained), 30);
    stack.irisModels.delete("applied");
  }

  /** A JVM whose AOT cache does not fit starts without it and does not fail. */
  @Test
  @Tag("node")
  void operatorAndModelServerStartFromTheirAotCaches() {
    for (String program : List.of("iris-operator", "iris-model-server")) {
      await()
          .untilAsserted(
              () ->
                  assertThat(readyPods(program))
                      .isNotEmpty()
                      .allSatisfy(
                          pod ->
                              assertThat(NodeProcesses.jvms(pod))
                                  .singleElement()
                                  .satisfies(
                                      jvm ->
                                          assertThat(NodeProcesses.procFile(jvm, "maps"))
                                              .contains("/app/app.aot"))));
    }
  }

  private List<Pod> readyPods(String program) {
    return stack.pods.named(program).stream().filter(Readiness::isPodReady).toList();
  }

  @Test
  void aModelDoesNotTouchObjectsOfItsNameThatItDoesNotOwn() throws Exception {
    var service = stack.client.services().inNamespace(NAMESPACE).withName("mlflow");
    var deployment = stack.client.apps().deployments().inNamespace(NAMESPACE).withName("mlflow");
    var serviceSpec = service.get().getSpec();
    var template = deployment.get().getSpec().getTemplate();
    stack.irisModels.apply("mlflow", "{model: {runId: " + trained.runId() + "}}");
    try {
      await()
          .untilAsserted(
              () -> {
                Condition degraded = stack.irisModels.condition("mlflow", ConditionType.DEGRADED);
                assertThat(degraded.getReason()).isEqualTo(Reason.APPLY_FAILED.toString());
                assertThat(degraded.getMessage())
                    .contains(
                        "services/mlflow already exists", "deployments/mlflow already exists");
              });
    } finally {
      stack.irisModels.delete("mlflow");
    }
    assertThat(service.get().getSpec()).isEqualTo(serviceSpec);
    assertThat(deployment.get().getSpec().getTemplate()).isEqualTo(template);
    assertThat(deployment.get().getMetadata().getOwnerReferences()).isEmpty();
  }

  @Test
  void restoresObjectsThatAreDeletedOrEditedByHand() throws Exception {
    stack.irisModels.apply("repaired", "{model: {runId: " + trained.runId() + "}}");
    stack.irisModels.awaitReady("repaired", trained.runId());
    var deployments = stack.client.apps().deployments().inNamespace(NAMESPACE).withName("repaired");
    var services = stack.client.services().inNamespace(NAMESPACE).withName("repaired");
    var dashboards =
        stack.client.configMaps().inNamespace(NAMESPACE).withName("repaired-dashboard");

    String uid = services.get().getMetadata().getUid();
    services.delete();
    await().until(() -> !services.get().getMetadata().getUid().equals(uid));

    ConfigMap dashboard = dashboards.get();
    dashboards.edit(
        map -> {
          map.getData().replaceAll((key, json) -> "{}");
          map.getMetadata().getLabels().clear();
          return map;
        });
    await()
        .untilAsserted(
            () -> {
              assertThat(dashboards.get().getData()).isEqualTo(dashboard.getData());
              assertThat(dashboards.get().getMetadata().getLabels())
                  .isEqualTo(dashboard.getMetadata().getLabels());
            });

    deployments.edit(
        d -> {
          d.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage("busybox:stable");
          d.getSpec().setReplicas(4);
          return d;
        });
    await()
        .untilAsserted(
            () -> {
              var spec = deployments.get().getSpec();
              assertThat(spec.getReplicas()).isEqualTo(1);
              assertThat(spec.getTemplate().getSpec().getContainers().getFirst().getImage())
                  .contains("iris-model-server");
            });

    deployments.delete();
    await().until(() -> deployments.get() != null);
    stack.irisModels.awaitReady("repaired", trained.runId());
    stack.irisModels.delete("repaired");
  }

  @Test
  void kubectlScaleChangesTheNumberOfPods() throws Exception {
    stack.irisModels.apply(
        "scaled", "{model: {runId: " + trained.runId() + "}, serving: {replicas: 1}}");
    stack.irisModels.awaitReady("scaled", trained.runId());
    kubectl("scale", "irismodel/scaled", "--replicas=2");
    await().until(() -> stack.irisModels.status("scaled").readyReplicas() == 2);
    kubectl("scale", "irismodel/scaled", "--replicas=0");
    await()
        .until(
            () -> stack.irisModels.hasReason("scaled", ConditionType.READY, Reason.SCALED_TO_ZERO));
    stack.irisModels.delete("scaled");
  }

  /** Without a metrics server the autoscaler can only enforce the minimum. */
  @Test
  void anAutoscalerScalesTheIrisModel() throws Exception {
    stack.irisModels.apply(
        "autoscaled",
        "{model: {runId: %s}, serving: {autoscaling: {minReplicas: 2, maxReplicas: 3}}}"
            .formatted(trained.runId()));
    await()
        .untilAsserted(
            () -> {
              assertThat(stack.irisModels.get("autoscaled").getSpec().serving().replicas())
                  .isEqualTo(2);
              assertThat(stack.irisModels.status("autoscaled").readyReplicas()).isEqualTo(2);
            });
    var autoscalers =
        stack
            .client
            .autoscaling()
            .v2()
            .horizontalPodAutoscalers()
            .inNamespace(NAMESPACE)
            .withName("autoscaled");
    assertThat(autoscalers.get().getStatus().getConditions())
        .anyMatch(c -> c.getType().equals("AbleToScale") && c.getStatus().equals("True"));
    stack.irisModels.apply(
        "autoscaled", "{model: {runId: " + trained.runId() + "}, serving: {replicas: 1}}");
    await().until(() -> autoscalers.get() == null);
    stack.irisModels.delete("autoscaled");
  }

  private void kubectl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl", "-n", NAMESPACE));
    command.addAll(List.of(arguments));
    stack.commands.run(command);
  }
}
