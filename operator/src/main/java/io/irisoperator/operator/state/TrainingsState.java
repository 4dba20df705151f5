package io.irisoperator.operator.state;

import java.util.List;

/**
 * The trainings of a resource.
 *
 * @param trainings one for each trigger that has requested one
 * @param schedule when trainings are due
 * @param jobs all training Jobs of the resource
 * @param trainerAvailable whether the operator has a trainer image
 */
public record TrainingsState(
    List<TrainingFacts> trainings,
    ScheduleState schedule,
    List<TrainingJob> jobs,
    boolean trainerAvailable) {
  public TrainingsState {
    trainings = List.copyOf(trainings);
    jobs = List.copyOf(jobs);
  }
}
