package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class TerminatingNamespacesTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final TerminatingNamespaces terminating =
      new TerminatingNamespaces(Clock.fixed(NOON, ZoneOffset.UTC));

  private static IrisModel createdAt(Instant time) {
    IrisModel resource = Resources.irisModel("{model: {runId: " + Resources.RUN + "}}");
    resource.getMetadata().setCreationTimestamp(time.toString());
    return resource;
  }

  private static KubernetesClientException refused(String cause) {
    Status status =
        new StatusBuilder()
            .withCode(403)
            .withNewDetails()
            .addNewCause("namespace", "is being terminated", cause)
            .endDetails()
            .build();
    return new KubernetesClientException(status);
  }

  @Test
  void concernsTheIrisModelsOfTheNamespaceUntilAnotherOneHasItsName() {
    terminating.failed(
        createdAt(NOON.minusSeconds(60)),
        new IllegalStateException(refused("NamespaceTerminating")));
    assertThat(terminating.contains(createdAt(NOON.minusSeconds(5)))).isTrue();
    assertThat(terminating.contains(createdAt(NOON.plusSeconds(5)))).isFalse();
  }

  @Test
  void doesNotConcernOtherRefusals() {
    terminating.failed(createdAt(NOON), refused("QuotaExceeded"));
    terminating.failed(createdAt(NOON), new KubernetesClientException("timeout"));
    assertThat(terminating.contains(createdAt(NOON))).isFalse();
  }
}
