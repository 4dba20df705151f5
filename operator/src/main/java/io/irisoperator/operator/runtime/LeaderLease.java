package io.irisoperator.operator.runtime;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Lease of the leading operator. The SDK does not release it when it stops, which would keep
 * the next operator waiting.
 */
public record LeaderLease(KubernetesClient client, String namespace) {
  public static final String NAME = "iris-operator";

  private static final Logger LOG = LoggerFactory.getLogger(LeaderLease.class);

  /** Releases it, so that the next operator does not wait until it expires. */
  public void release(String pod) {
    var lease = client.leases().inNamespace(namespace).withName(NAME);
    try {
      Lease held = lease.get();
      if (held != null && pod.equals(held.getSpec().getHolderIdentity())) {
        held.getSpec().setHolderIdentity("");
        held.getSpec().setLeaseDurationSeconds(1);
        client.resource(held).update();
      }
    } catch (KubernetesClientException e) {
      LOG.info("the lease was not released and will expire: {}", e.getMessage());
    }
  }
}
