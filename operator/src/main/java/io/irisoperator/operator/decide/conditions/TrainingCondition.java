package io.irisoperator.operator.decide.conditions;

import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.state.ScheduleState;
import io.irisoperator.operator.state.TrainingState;
import io.irisoperator.operator.state.TrainingsState;

/** A training is in progress. */
final class TrainingCondition {
  private TrainingCondition() {}

  static ConditionValue of(Situation s) {
    TrainingsState trainings = s.observation().trainings();
    if (trainings.schedule().problem().isPresent()) {
      return ConditionValue.isFalse(Reason.SCHEDULE_INVALID, trainings.schedule().problem().get());
    }
    if (s.training().isEmpty()) {
      return ConditionValue.isFalse(Reason.NOT_REQUESTED, notRequested(trainings.schedule()));
    }
    TrainingState training = s.training().get();
    if (training.isPending() && !trainings.trainerAvailable()) {
      return ConditionValue.isFalse(
          Reason.TRAINING_DISABLED,
          "the operator has no trainer image: set trainer.enabled=true in the values of the chart");
    }
    return switch (training.phase().orElse(TrainingPhase.PENDING)) {
      case PENDING -> ConditionValue.isTrue(Reason.TRAINING_PENDING, s.trainingMessage());
      case RUNNING -> ConditionValue.isTrue(Reason.TRAINING_RUNNING, s.trainingMessage());
      case SUCCEEDED -> ConditionValue.isFalse(Reason.TRAINING_SUCCEEDED, s.trainingMessage());
      case FAILED -> ConditionValue.isFalse(Reason.TRAINING_FAILED, s.trainingMessage());
    };
  }

  private static String notRequested(ScheduleState schedule) {
    return schedule
        .inEffect()
        .map(
            s ->
                s.next() == null
                    ? "training.schedule is never due"
                    : "the next training is due " + s.next())
        .orElse("set training.retrain to a new text to request a training");
  }
}
