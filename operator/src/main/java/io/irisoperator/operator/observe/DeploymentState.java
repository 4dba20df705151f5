package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.irisoperator.operator.rollout.Rollout;
import java.util.Optional;

/**
 * How a Deployment is doing.
 *
 * @param rollout between which revisions it is
 * @param replicas pods there are
 * @param ready pods that serve
 * @param rolledOut whether all pods are of the newest template and serve
 * @param stuck why the rollout makes no progress, where it makes none
 */
public record DeploymentState(
    Optional<Rollout> rollout, int replicas, int ready, boolean rolledOut, Optional<String> stuck) {

  /** Reads a Deployment. */
  public static DeploymentState of(Deployment deployment) {
    DeploymentStatus status =
        Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
    int wanted = Optional.ofNullable(deployment.getSpec().getReplicas()).orElse(1);
    int replicas = orZero(status.getReplicas());
    boolean seen =
        Optional.ofNullable(status.getObservedGeneration()).orElse(0L)
            >= Optional.ofNullable(deployment.getMetadata().getGeneration()).orElse(0L);
    boolean rolledOut =
        seen
            && orZero(status.getUpdatedReplicas()) == wanted
            && replicas == wanted
            && orZero(status.getAvailableReplicas()) == wanted;
    Optional<String> stuck =
        status.getConditions().stream()
            .filter(c -> seen && "ProgressDeadlineExceeded".equals(c.getReason()))
            .map(c -> c.getMessage())
            .findFirst();
    return new DeploymentState(
        Rollout.of(deployment), replicas, orZero(status.getReadyReplicas()), rolledOut, stuck);
  }

  private static int orZero(Integer number) {
    return number == null ? 0 : number;
  }
}
