package io.irisoperator.operator.state;

import io.irisoperator.operator.api.ScheduleStatus;
import io.irisoperator.operator.api.TrainingSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The schedule of a resource's trainings.
 *
 * @param inEffect empty if there is no schedule, or an invalid one
 * @param due when it was due last since it is in effect
 * @param problem why it is invalid
 */
public record ScheduleState(
    Optional<ScheduleStatus> inEffect, Optional<Instant> due, Optional<String> problem) {
  public static final ScheduleState NONE =
      new ScheduleState(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The state of a spec's schedule.
   *
   * @param reported the schedule that was in effect so far. Of several times that were missed
   *     since, only the last is due; a new schedule is not due for times before now
   */
  public static ScheduleState of(
      TrainingSpec training, Optional<ScheduleStatus> reported, Instant now) {
    if (training.schedule() == null) {
      return NONE;
    }
    Schedule schedule;
    try {
      schedule = Schedule.of(training.schedule(), training.timeZone());
    } catch (IllegalArgumentException e) {
      return new ScheduleState(Optional.empty(), Optional.empty(), Optional.of(e.getMessage()));
    }
    Instant since =
        reported
            .filter(r -> training.schedule().equals(r.expression()))
            .filter(r -> training.timeZone().equals(r.timeZone()))
            .map(r -> Instant.parse(r.since()))
            .orElse(now.truncatedTo(ChronoUnit.SECONDS));
    return new ScheduleState(
        Optional.of(
            new ScheduleStatus(
                training.schedule(),
                training.timeZone(),
                since.toString(),
                schedule.nextDue(now).map(Instant::toString).orElse(null))),
        schedule.lastDue(now).filter(due -> due.isAfter(since)),
        Optional.empty());
  }
}
