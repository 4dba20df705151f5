package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;

/** Predictions are answered, by the selected model or by the one before it. */
final class AvailableCondition {
  private AvailableCondition() {}

  static ConditionValue of(Situation s) {
    if (s.deployment().isEmpty()) {
      return ConditionValue.isFalse(Reason.NO_MODEL, "there is no model to serve yet");
    }
    int ready = s.deployment().get().ready();
    if (ready > 0) {
      return ConditionValue.isTrue(
          Reason.SERVING, ready == 1 ? "1 pod is ready" : Situation.pods(ready) + " are ready");
    }
    return s.replicas() == 0 ? scaledToZero() : podsNotReady(s);
  }

  static ConditionValue scaledToZero() {
    return ConditionValue.isFalse(Reason.SCALED_TO_ZERO, "serving.replicas is 0");
  }

  static ConditionValue podsNotReady(Situation s) {
    return ConditionValue.isFalse(
        Reason.PODS_NOT_READY, "no pod is ready%s: %s".formatted(s.podDetails(), s.logs()));
  }
}
