package io.irisoperator.operator.decide;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.irisoperator.operator.api.ConditionType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Conditions on their way from one status to the next. */
record Conditions(List<Condition> before, long generation, Instant now) {

  /** A condition whose transition time moves only when its status does. */
  Condition update(ConditionType type, Verdict verdict) {
    String status = verdict.value() ? "True" : "False";
    String since =
        of(before, type)
            .filter(c -> status.equals(c.getStatus()))
            .map(Condition::getLastTransitionTime)
            .orElseGet(() -> time(now));
    return new ConditionBuilder()
        .withType(type.toString())
        .withStatus(status)
        .withReason(verdict.reason().toString())
        .withMessage(verdict.message())
        .withObservedGeneration(generation)
        .withLastTransitionTime(since)
        .build();
  }

  static Optional<Condition> of(List<Condition> conditions, ConditionType type) {
    return conditions.stream().filter(c -> c.getType().equals(type.toString())).findFirst();
  }

  /** A time as Kubernetes writes it, to the second. */
  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
