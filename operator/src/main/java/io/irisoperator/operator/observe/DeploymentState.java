package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.irisoperator.operator.api.IrisModelStatus;
import java.util.Optional;

/**
 * How a Deployment is doing.
 *
 * @param pinned the model that its pods are pinned to
 * @param replicas pods there are
 * @param ready pods that serve
 * @param rolledOut whether all pods are of the newest template and serve
 * @param stuck why the rollout makes no progress, where it makes none
 */
public record DeploymentState(
    Optional<IrisModelStatus.Model> pinned,
    int replicas,
    int ready,
    boolean rolledOut,
    Optional<String> stuck) {

  /** Reads a Deployment. */
  public static DeploymentState of(Deployment deployment, Optional<IrisModelStatus.Model> pinned) {
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
        pinned, replicas, orZero(status.getReadyReplicas()), rolledOut, stuck);
  }

  private static int orZero(Integer number) {
    return number == null ? 0 : number;
  }
}
