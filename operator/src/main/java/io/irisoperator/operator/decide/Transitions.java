package io.irisoperator.operator.decide;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.decide.Decision.Note;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What of the way from one status to the next is worth an Event: each change of mind, once. */
final class Transitions {
  /** Reasons that DEGRADED alone tells of. */
  private static final Set<Reason> ONLY_DEGRADED =
      Set.of(
          Reason.ROLLOUT_STUCK,
          Reason.ROLLED_BACK,
          Reason.STORED_MODEL_CORRUPT,
          Reason.APPLY_FAILED);

  private static final Set<Reason> NOTHING_YET =
      Set.of(Reason.EXPERIMENT_NOT_FOUND, Reason.NO_FINISHED_RUN);

  private Transitions() {}

  static List<Note> between(IrisModelStatus before, IrisModelStatus after) {
    List<Note> notes = new ArrayList<>();
    for (ConditionType type : ConditionType.values()) {
      Condition now = Conditions.of(after.conditions(), type).orElseThrow();
      Optional<Condition> then = Conditions.of(before.conditions(), type);
      if (isNews(type, then, now)) {
        notes.add(new Note(isWarning(type, now, isTraining(after)), reason(now), now.getMessage()));
      }
    }
    return notes;
  }

  private static boolean isNews(ConditionType type, Optional<Condition> then, Condition now) {
    boolean value = now.getStatus().equals("True");
    boolean turned = then.map(c -> !c.getStatus().equals(now.getStatus())).orElse(true);
    boolean otherReason = then.map(c -> !c.getReason().equals(now.getReason())).orElse(true);
    boolean otherMessage =
        then.map(c -> !Objects.equals(c.getMessage(), now.getMessage())).orElse(true);
    return switch (type) {
      case READY -> turned && value;
      case MODEL_RESOLVED -> turned || otherReason || (value && otherMessage);
      case AVAILABLE -> then.isPresent() && turned && !value;
      case TRAINING -> otherReason && reason(now) != Reason.NOT_REQUESTED;
      case DEGRADED -> value && (turned || otherReason) && ONLY_DEGRADED.contains(reason(now));
    };
  }

  private static boolean isTraining(IrisModelStatus status) {
    return Conditions.of(status.conditions(), ConditionType.TRAINING)
        .map(c -> c.getStatus().equals("True"))
        .orElse(false);
  }

  private static boolean isWarning(ConditionType type, Condition now, boolean training) {
    boolean value = now.getStatus().equals("True");
    return switch (type) {
      case READY -> false;
      // That there is no model yet is no fault while the first one is being trained.
      case MODEL_RESOLVED -> !value && !(training && NOTHING_YET.contains(reason(now)));
      case AVAILABLE -> !value;
      case TRAINING ->
          reason(now) == Reason.TRAINING_FAILED || reason(now) == Reason.SCHEDULE_INVALID;
      case DEGRADED -> true;
    };
  }

  private static Reason reason(Condition condition) {
    return Arrays.stream(Reason.values())
        .filter(r -> r.toString().equals(condition.getReason()))
        .findFirst()
        .orElseThrow();
  }
}
