package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.StoredModel;
import io.irisoperator.operator.state.TrainingState;
import java.util.Optional;

/**
 * What the conditions describe: the observation, and what was decided on it.
 *
 * @param before the state of the rollout so far
 * @param after its state from now on
 * @param failed the requested revision, if it was rolled back
 * @param paused the requested model, if its rollout is paused
 * @param corruptRequested the stored copy of the requested model, if it is corrupt
 * @param corruptServed the stored copy of the served model, if it is corrupt
 * @param podNotReady why a pod is not ready
 * @param training the training to describe
 * @param trainingMessage its details
 */
public record Situation(
    Observation observation,
    Resolution resolution,
    Optional<RolloutState> before,
    Optional<RolloutState> after,
    Optional<FailedRevision> failed,
    Optional<PinnedModel> paused,
    Optional<StoredModel> corruptRequested,
    Optional<StoredModel> corruptServed,
    Optional<String> podNotReady,
    Optional<TrainingState> training,
    String trainingMessage) {

  int replicas() {
    return observation.spec().serving().replicas();
  }

  Optional<DeploymentState> deployment() {
    return observation.deployment();
  }

  Optional<String> deadlineExceeded() {
    return deployment().flatMap(DeploymentState::deadlineExceeded);
  }

  /** The model that pods were created for so far. */
  Optional<PinnedModel> servedBefore() {
    return before.map(b -> b.current().model());
  }

  /** The run of the model that pods are created for from now on. */
  String run() {
    return after.map(a -> a.current().model().runId()).orElse("");
  }

  /** The model that the spec selects, if it is resolved. */
  Optional<PinnedModel> requested() {
    return resolution instanceof Resolved(PinnedModel model, var _)
        ? Optional.of(model)
        : Optional.empty();
  }

  /** Whether the Deployment has the current revision already. */
  boolean isApplied() {
    return deployment().isPresent()
        && before.isPresent()
        && after.isPresent()
        && before.get().current().id().equals(after.get().current().id());
  }

  /** How many pods are of the current revision, as text. */
  String updatedPods() {
    if (!isApplied()) {
      return "no pod updated yet";
    }
    int updated = deployment().map(DeploymentState::updated).orElse(0);
    return "%d of %s updated".formatted(Math.min(updated, replicas()), pods(replicas()));
  }

  static String pods(int count) {
    return count == 1 ? "1 pod" : count + " pods";
  }

  /** Where to read more. */
  String logs() {
    return "see kubectl -n %s logs deployment/%s"
        .formatted(observation.resource().namespace(), observation.resource().name());
  }

  String podDetails() {
    return podNotReady.map(why -> "; " + why).orElse("");
  }
}
