package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.util.Optional;

/** All pods serve the model that the spec selects. */
final class ReadyCondition {
  private ReadyCondition() {}

  static ConditionValue of(Situation s) {
    if (s.resolution() instanceof Unresolved(Reason reason, String _)
        && !(reason.isMlflowUnavailable() && isServedModelSelected(s))) {
      return ModelResolvedCondition.of(s);
    }
    Optional<ConditionValue> rejected = RejectedModel.of(s);
    if (rejected.isPresent()) {
      return rejected.get();
    }
    if (s.isApplied() && s.replicas() == 0) {
      return AvailableCondition.scaledToZero();
    }
    Optional<ConditionValue> rollout = RolloutProgress.of(s);
    if (rollout.isPresent()) {
      boolean noPodReady = s.isApplied() && s.deployment().get().ready() == 0;
      return noPodReady && rollout.get().reason() == Reason.ROLLING_OUT
          ? AvailableCondition.podsNotReady(s)
          : rollout.get();
    }
    return ConditionValue.isTrue(
        Reason.SERVING,
        "%s serve%s run %s"
            .formatted(Situation.pods(s.replicas()), s.replicas() == 1 ? "s" : "", s.run()));
  }

  /** While MLflow is unavailable, the served model may well be the selected one. */
  private static boolean isServedModelSelected(Situation s) {
    return s.servedBefore()
        .filter(
            model ->
                model.isSelectedBy(
                    s.observation().spec().model(), s.observation().source().trackingUri()))
        .isPresent();
  }
}
