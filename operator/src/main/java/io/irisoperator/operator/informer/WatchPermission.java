package io.irisoperator.operator.informer;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * Whether the operator may watch a kind. The role of an older chart does not allow to watch what an
 * older operator did not, and an operator whose informer is refused does not start.
 */
public final class WatchPermission {
  private WatchPermission() {}

  /**
   * Asks the API server.
   *
   * @param group API group; empty for the core group
   * @param resources plural name of the kind
   * @param namespace empty for all namespaces
   */
  public static boolean isGranted(
      KubernetesClient client, String group, String resources, String namespace) {
    return client
        .authorization()
        .v1()
        .selfSubjectAccessReview()
        .create(
            new SelfSubjectAccessReviewBuilder()
                .withNewSpec()
                .withNewResourceAttributes()
                .withGroup(group)
                .withResource(resources)
                .withVerb("watch")
                .withNamespace(namespace)
                .endResourceAttributes()
                .endSpec()
                .build())
        .getStatus()
        .getAllowed();
  }
}
