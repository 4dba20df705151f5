package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The schedule of a resource's trainings.
 *
 * @param followed nothing where there is none, or none that can be followed
 * @param due when it was due last since it is followed
 * @param problem why it cannot be followed
 */
public record ScheduleState(
    Optional<IrisModelStatus.Schedule> followed, Optional<Instant> due, Optional<String> problem) {
  public static final ScheduleState NONE =
      new ScheduleState(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * What a spec's schedule means now.
   *
   * @param told the schedule that was followed so far; of several times that were missed meanwhile
   *     only the last is due, and of a new schedule none before now
   */
  static ScheduleState of(
      IrisModelSpec.Training training, Optional<IrisModelStatus.Schedule> told, Instant now) {
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
        told.filter(t -> training.schedule().equals(t.expression()))
            .filter(t -> training.timeZone().equals(t.timeZone()))
            .map(t -> Instant.parse(t.since()))
            .orElse(now.truncatedTo(ChronoUnit.SECONDS));
    return new ScheduleState(
        Optional.of(
            new IrisModelStatus.Schedule(
                training.schedule(),
                training.timeZone(),
                since.toString(),
                schedule.nextDue(now).map(Instant::toString).orElse(null))),
        schedule.lastDue(now).filter(due -> due.isAfter(since)),
        Optional.empty());
  }

  Optional<RetrainRequest> request(IrisModel resource) {
    return due.map(time -> RetrainRequest.scheduled(resource, time));
  }
}
