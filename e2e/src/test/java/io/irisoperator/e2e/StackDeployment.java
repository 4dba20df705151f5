package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;

/** A Deployment of the stack: the operator's or MLflow's. */
record StackDeployment(KubernetesClient client, String name) {

  RollableScalableResource<Deployment> resource() {
    return client.apps().deployments().inNamespace(Stack.NAMESPACE).withName(name);
  }

  Container container() {
    return resource().get().getSpec().getTemplate().getSpec().getContainers().getFirst();
  }

  /** The value of a variable of its container. */
  String env(String variable) {
    return container().getEnv().stream()
        .filter(v -> v.getName().equals(variable))
        .map(EnvVar::getValue)
        .findFirst()
        .orElseThrow();
  }
}
