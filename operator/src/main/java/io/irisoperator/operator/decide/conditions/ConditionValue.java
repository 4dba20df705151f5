package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;

/** The value of a condition. */
record ConditionValue(boolean status, Reason reason, String message) {
  static ConditionValue isTrue(Reason reason, String message) {
    return new ConditionValue(true, reason, message);
  }

  static ConditionValue isFalse(Reason reason, String message) {
    return new ConditionValue(false, reason, message);
  }

  /** The same reason and message with the other status. */
  ConditionValue asTrue() {
    return isTrue(reason, message);
  }
}
