package io.irisoperator.operator.state;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.irisoperator.operator.rollout.RolloutAnnotation;
import io.irisoperator.operator.rollout.RolloutState;
import java.util.Optional;

/**
 * A Deployment of pods that serve.
 *
 * @param rollout the state of its rollout, if its annotation is valid
 * @param replicas the number of pods
 * @param updated the number of pods of the newest template
 * @param ready the number of ready pods
 * @param rolledOut whether all pods are of the newest template and available
 * @param deadlineExceeded why the rollout makes no progress, if its deadline has passed
 */
public record DeploymentState(
    Optional<RolloutState> rollout,
    int replicas,
    int updated,
    int ready,
    boolean rolledOut,
    Optional<String> deadlineExceeded) {

  /** Reads a Deployment. */
  public static DeploymentState of(Deployment deployment) {
    DeploymentStatus status =
        Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
    int desired = Optional.ofNullable(deployment.getSpec().getReplicas()).orElse(1);
    int replicas = orZero(status.getReplicas());
    boolean current =
        Optional.ofNullable(status.getObservedGeneration()).orElse(0L)
            >= Optional.ofNullable(deployment.getMetadata().getGeneration()).orElse(0L);
    boolean rolledOut =
        current
            && orZero(status.getUpdatedReplicas()) == desired
            && replicas == desired
            && orZero(status.getAvailableReplicas()) == desired;
    Optional<String> deadlineExceeded =
        status.getConditions().stream()
            .filter(c -> current && "ProgressDeadlineExceeded".equals(c.getReason()))
            .map(DeploymentCondition::getMessage)
            .findFirst();
    return new DeploymentState(
        RolloutAnnotation.read(deployment),
        replicas,
        current ? orZero(status.getUpdatedReplicas()) : 0,
        orZero(status.getReadyReplicas()),
        rolledOut,
        deadlineExceeded);
  }

  private static int orZero(Integer number) {
    return number == null ? 0 : number;
  }

  /** Whether the pods may have more to say than their Deployment. */
  public boolean needsPodInspection(int desiredReplicas) {
    return rollout.filter(r -> !r.isStable() || ready < desiredReplicas).isPresent();
  }
}
