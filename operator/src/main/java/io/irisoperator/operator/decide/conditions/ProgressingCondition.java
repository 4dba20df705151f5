package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.RolloutState.Analyzing;
import io.irisoperator.operator.rollout.RolloutState.Initializing;
import io.irisoperator.operator.rollout.RolloutState.Progressing;
import io.irisoperator.operator.rollout.RolloutState.RollingBack;
import io.irisoperator.operator.rollout.RolloutState.Stable;
import java.util.Optional;

/** A rollout is in progress. */
final class ProgressingCondition {
  private ProgressingCondition() {}

  static ConditionValue of(Situation s) {
    if (s.after().isEmpty()) {
      return ConditionValue.isFalse(Reason.NO_MODEL, "there is no model to serve yet");
    }
    if (s.replicas() == 0) {
      return AvailableCondition.scaledToZero();
    }
    Optional<ConditionValue> progress = RolloutProgress.of(s);
    if (progress.isPresent() && progress.get().reason() != Reason.ROLLING_OUT) {
      return progress.get();
    }
    return switch (s.after().get()) {
      case Stable _ ->
          // Pods that are replaced or scaled without a new revision are no rollout.
          ConditionValue.isFalse(
              Reason.ROLLOUT_COMPLETE, "run %s is rolled out".formatted(s.run()));
      case Analyzing analyzing ->
          ConditionValue.isTrue(
              Reason.ANALYZING,
              "run %s is rolled out; its metrics are analyzed until %s"
                  .formatted(
                      s.run(),
                      Conditions.time(
                          analyzing
                              .availableSince()
                              .plus(s.observation().spec().rollout().analysis().time()))));
      case RollingBack _ ->
          ConditionValue.isTrue(
              Reason.ROLLING_BACK,
              "rolling back to run %s: %s".formatted(s.run(), s.updatedPods()));
      case Initializing _, Progressing _ ->
          progress
              .map(ConditionValue::asTrue)
              .orElseGet(
                  () ->
                      ConditionValue.isTrue(
                          Reason.ROLLING_OUT,
                          "rolling out run %s: %s".formatted(s.run(), s.updatedPods())));
    };
  }
}
