package io.irisoperator.operator.decide.conditions;

import static io.irisoperator.operator.api.ConditionType.AVAILABLE;
import static io.irisoperator.operator.api.ConditionType.DEGRADED;
import static io.irisoperator.operator.api.ConditionType.MODEL_RESOLVED;
import static io.irisoperator.operator.api.ConditionType.PROGRESSING;
import static io.irisoperator.operator.api.ConditionType.READY;
import static io.irisoperator.operator.api.ConditionType.TRAINING;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.Observation;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The conditions of a status. */
public final class Conditions {
  private Conditions() {}

  /** Evaluates all conditions. */
  public static List<Condition> of(Situation situation) {
    return List.of(
        condition(situation.observation(), READY, ReadyCondition.of(situation)),
        condition(situation.observation(), PROGRESSING, ProgressingCondition.of(situation)),
        condition(situation.observation(), AVAILABLE, AvailableCondition.of(situation)),
        condition(situation.observation(), DEGRADED, DegradedCondition.of(situation)),
        condition(situation.observation(), MODEL_RESOLVED, ModelResolvedCondition.of(situation)),
        condition(situation.observation(), TRAINING, TrainingCondition.of(situation)));
  }

  /**
   * The same, with Degraded because something could not be applied.
   *
   * @param podsToo whether that is the Deployment, so that it rolls out what it did before
   */
  public static List<Condition> withApplyFailure(
      Observation o, List<Condition> conditions, String message, boolean podsToo) {
    ConditionValue failure = ConditionValue.isTrue(Reason.APPLY_FAILED, message);
    return conditions.stream()
        .map(c -> c.getType().equals(DEGRADED.toString()) ? condition(o, DEGRADED, failure) : c)
        .map(c -> podsToo && c.getType().equals(PROGRESSING.toString()) ? progressingBefore(o) : c)
        .toList();
  }

  private static Condition progressingBefore(Observation o) {
    return o.status()
        .condition(PROGRESSING)
        .orElseGet(
            () ->
                condition(
                    o,
                    PROGRESSING,
                    ConditionValue.isFalse(
                        Reason.APPLY_FAILED, "the Deployment could not be applied")));
  }

  /** The transition time changes only with the status. */
  private static Condition condition(Observation o, ConditionType type, ConditionValue value) {
    String status = value.status() ? "True" : "False";
    String since =
        o.status()
            .condition(type)
            .filter(c -> status.equals(c.getStatus()))
            .map(Condition::getLastTransitionTime)
            .orElseGet(() -> time(o.now()));
    return new ConditionBuilder()
        .withType(type.toString())
        .withStatus(status)
        .withReason(value.reason().toString())
        .withMessage(value.message())
        .withObservedGeneration(o.resource().generation())
        .withLastTransitionTime(since)
        .build();
  }

  /** A time as Kubernetes writes it, to the second. */
  public static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
