package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.util.Optional;

/** Something failed; the model that was served before is still served. */
final class DegradedCondition {
  private DegradedCondition() {}

  static ConditionValue of(Situation s) {
    // A rollback matters more than an unreachable MLflow.
    Optional<ConditionValue> rejected = RejectedModel.of(s);
    if (rejected.isPresent()) {
      return rejected.get().asTrue();
    }
    if (s.resolution() instanceof Unresolved && s.before().isPresent()) {
      return ModelResolvedCondition.of(s).asTrue();
    }
    if (s.corruptServed().isPresent()) {
      return RejectedModel.corrupt(s.corruptServed().get()).asTrue();
    }
    if (s.deadlineExceeded().isPresent()) {
      return RolloutProgress.deadlineExceeded(s).asTrue();
    }
    ConditionValue training = TrainingCondition.of(s);
    if (training.reason() == Reason.TRAINING_FAILED
        || training.reason() == Reason.SCHEDULE_INVALID) {
      return training.asTrue();
    }
    return ConditionValue.isFalse(Reason.AS_EXPECTED, "no failures");
  }
}
