package io.irisoperator.operator.decide;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.decide.Decision.PendingEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Which changes of conditions are worth an Event: each transition once. */
final class ConditionEvents {
  /** Reasons that only the condition Degraded has. */
  private static final Set<Reason> ONLY_DEGRADED =
      Set.of(
          Reason.PROGRESS_DEADLINE_EXCEEDED,
          Reason.ROLLED_BACK,
          Reason.STORED_MODEL_CORRUPT,
          Reason.APPLY_FAILED);

  /** Reasons that are no fault while the first model is being trained. */
  private static final Set<Reason> NO_MODEL_YET =
      Set.of(Reason.EXPERIMENT_NOT_FOUND, Reason.NO_FINISHED_RUN);

  private ConditionEvents() {}

  /** The Events of the changes between two statuses. */
  static List<PendingEvent> between(IrisModelStatus before, IrisModelStatus after) {
    List<PendingEvent> events = new ArrayList<>();
    for (ConditionType type : ConditionType.values()) {
      Condition now = after.condition(type).orElseThrow();
      if (isTransition(type, before.condition(type), now)) {
        events.add(
            new PendingEvent(
                isWarning(type, now, isTraining(after)), reason(now), message(type, now, after)));
      }
    }
    return events;
  }

  /**
   * A rollout's Event has no counts and times: a transition that is seen twice, because a cache
   * lags, must have the same message, by which the Event is named.
   */
  private static String message(ConditionType type, Condition now, IrisModelStatus status) {
    if (type != ConditionType.PROGRESSING) {
      return now.getMessage();
    }
    String run = status.model().runId();
    return switch (reason(now)) {
      case ROLLING_BACK -> "rolling back to run " + run;
      case ANALYZING -> "analyzing the metrics of run " + run;
      default -> "rolling out run " + run;
    };
  }

  private static boolean isTransition(
      ConditionType type, Optional<Condition> before, Condition now) {
    boolean value = isTrue(now);
    boolean statusChanged = before.map(c -> !c.getStatus().equals(now.getStatus())).orElse(true);
    boolean reasonChanged = before.map(c -> !c.getReason().equals(now.getReason())).orElse(true);
    boolean messageChanged =
        before.map(c -> !Objects.equals(c.getMessage(), now.getMessage())).orElse(true);
    return switch (type) {
      case READY -> statusChanged && value;
      case PROGRESSING -> reasonChanged && value;
      case AVAILABLE -> before.isPresent() && statusChanged && !value;
      case DEGRADED ->
          value && (statusChanged || reasonChanged) && ONLY_DEGRADED.contains(reason(now));
      case MODEL_RESOLVED -> statusChanged || reasonChanged || (value && messageChanged);
      case TRAINING -> reasonChanged && reason(now) != Reason.NOT_REQUESTED;
    };
  }

  private static boolean isTraining(IrisModelStatus status) {
    return status.condition(ConditionType.TRAINING).filter(ConditionEvents::isTrue).isPresent();
  }

  private static boolean isTrue(Condition condition) {
    return condition.getStatus().equals("True");
  }

  private static boolean isWarning(ConditionType type, Condition now, boolean training) {
    return switch (type) {
      case READY, PROGRESSING -> false;
      case AVAILABLE -> !isTrue(now);
      case DEGRADED -> true;
      case MODEL_RESOLVED -> !isTrue(now) && !(training && NO_MODEL_YET.contains(reason(now)));
      case TRAINING ->
          reason(now) == Reason.TRAINING_FAILED || reason(now) == Reason.SCHEDULE_INVALID;
    };
  }

  private static Reason reason(Condition condition) {
    return Arrays.stream(Reason.values())
        .filter(r -> r.toString().equals(condition.getReason()))
        .findFirst()
        .orElseThrow();
  }
}
