package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/** The pods of a namespace. */
record Pods(KubernetesClient client, String namespace) {

  List<Pod> all() {
    return client.pods().inNamespace(namespace).list().getItems();
  }

  /** The pods with this {@code app.kubernetes.io/name}, without those that are terminating. */
  List<Pod> named(String name) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel("app.kubernetes.io/name", name)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  void awaitDeleted(String pod) {
    await().until(() -> client.pods().inNamespace(namespace).withName(pod).get() == null);
  }

  void awaitNoneTerminating() {
    await()
        .until(
            () ->
                all().stream().noneMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null));
  }
}
