package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.state.TrainingRequest;
import java.time.Duration;
import java.util.List;

/** The IrisModels of a namespace, with their pods, Jobs and Events. */
record IrisModels(KubernetesClient client, String namespace) {

  Resource<IrisModel> resource(String name) {
    return client.resources(IrisModel.class).inNamespace(namespace).withName(name);
  }

  boolean exists(String name) {
    return resource(name).get() != null;
  }

  IrisModel get(String name) {
    return resource(name).require();
  }

  IrisModelStatus status(String name) {
    return get(name).getStatus();
  }

  /** The latest training that was requested. */
  TrainingStatus training(String name) {
    return status(name).training(TrainingTrigger.REQUEST).orElseThrow();
  }

  /** Applies an IrisModel with this spec, in YAML's flow style. */
  void apply(String name, String spec) {
    IrisModel resource =
        Serialization.unmarshal(
            """
            apiVersion: iris-operator.io/v1alpha1
            kind: IrisModel
            metadata: {name: %s, namespace: %s}
            spec: %s
            """
                .formatted(name, namespace, spec),
            IrisModel.class);
    client.resource(resource).forceConflicts().serverSideApply();
  }

  /** Applies a JSON merge patch. */
  void patch(String name, String json) {
    resource(name).patch(PatchContext.of(PatchType.JSON_MERGE), json);
  }

  /** Requests a training by the annotation. */
  void annotateRetrain(String name, String request) {
    patch(
        name,
        "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}"
            .formatted(TrainingRequest.ANNOTATION, request));
  }

  /** Deletes an IrisModel. Its pods may terminate some seconds later. */
  void delete(String name) {
    resource(name).delete();
    await().until(() -> !exists(name));
  }

  Condition condition(String name, ConditionType type) {
    return status(name).conditions().stream()
        .filter(c -> c.getType().equals(type.toString()))
        .findFirst()
        .orElseThrow();
  }

  boolean isTrue(String name, ConditionType type) {
    return condition(name, type).getStatus().equals("True");
  }

  boolean hasReason(String name, ConditionType type, Reason reason) {
    return condition(name, type).getReason().equals(reason.toString());
  }

  /** Waits up to two minutes until an IrisModel is ready, whichever model it serves. */
  void awaitReady(String name) {
    await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> assertReady(name));
  }

  private void assertReady(String name) {
    Condition ready = condition(name, ConditionType.READY);
    assertThat(ready.getStatus()).as(ready.getMessage()).isEqualTo("True");
  }

  /** Waits up to a minute until an IrisModel is ready and serves the model of this run. */
  void awaitReady(String name, String runId) {
    awaitReady(name, runId, Duration.ofSeconds(60));
  }

  void awaitReady(String name, String runId, Duration timeout) {
    await()
        .atMost(timeout)
        .untilAsserted(
            () -> {
              assertReady(name);
              assertThat(status(name).model().runId()).isEqualTo(runId);
            });
  }

  /** Waits up to two minutes until an IrisModel is ready with this number of pods. */
  void awaitReplicas(String name, int replicas) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                status(name).readyReplicas() == replicas
                    && pods(name).size() == replicas
                    && isTrue(name, ConditionType.READY));
  }

  /** The model server's pods of an IrisModel, without those that are terminating. */
  List<Pod> pods(String name) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabels(Labels.identity(name, Labels.Component.MODEL_SERVER))
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  List<String> podNames(String name) {
    return pods(name).stream().map(pod -> pod.getMetadata().getName()).toList();
  }

  /** The sorted UIDs of the pods; a re-created pod has another UID. */
  List<String> podUids(String name) {
    return pods(name).stream().map(pod -> pod.getMetadata().getUid()).sorted().toList();
  }

  /** The training Jobs of an IrisModel. */
  List<Job> jobs(String name) {
    return client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withLabel("app.kubernetes.io/instance", name)
        .list()
        .getItems();
  }

  /** The reasons of an IrisModel's Events. */
  List<String> eventReasons(String name) {
    return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(e -> e.getRegarding().getKind().equals("IrisModel"))
        .filter(e -> e.getRegarding().getName().equals(name))
        .map(e -> e.getReason())
        .toList();
  }

  /** The cluster IP of an IrisModel's Service. */
  String clusterIp(String name) {
    return Cluster.clusterIp(client, namespace, name);
  }
}
