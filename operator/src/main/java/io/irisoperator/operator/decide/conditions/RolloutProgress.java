package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.DeploymentState;
import java.util.Optional;

/** Why not all pods are of the current revision and ready. */
final class RolloutProgress {
  private RolloutProgress() {}

  /** Empty if all are. */
  static Optional<ConditionValue> of(Situation s) {
    if (!s.isApplied()) {
      return Optional.of(
          ConditionValue.isFalse(
              Reason.ROLLING_OUT, "rolling out run %s: %s".formatted(s.run(), s.updatedPods())));
    }
    if (s.paused().isPresent()) {
      return Optional.of(
          ConditionValue.isFalse(
              Reason.ROLLOUT_PAUSED,
              "the rollout of run %s is paused until %s: the API server was unavailable, and nodes may be out of date"
                  .formatted(
                      s.paused().get().runId(),
                      Conditions.time(s.observation().rolloutsPausedUntil()))));
    }
    if (s.deadlineExceeded().isPresent()) {
      return Optional.of(deadlineExceeded(s));
    }
    DeploymentState deployment = s.deployment().orElseThrow();
    if (!deployment.rolledOut() || deployment.ready() < s.replicas()) {
      return Optional.of(
          ConditionValue.isFalse(
              Reason.ROLLING_OUT,
              "rolling out run %s: %s%s".formatted(s.run(), s.updatedPods(), s.podDetails())));
    }
    return Optional.empty();
  }

  static ConditionValue deadlineExceeded(Situation s) {
    return ConditionValue.isFalse(
        Reason.PROGRESS_DEADLINE_EXCEEDED,
        "%s%s: %s".formatted(s.deadlineExceeded().orElseThrow(), s.podDetails(), s.logs()));
  }
}
