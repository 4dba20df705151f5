package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingSpec;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.decide.Decision.Train;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.TrainingJob;
import io.irisoperator.operator.state.TrainingState;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which training starts, and what status reports about trainings. */
final class TrainingDecider {
  private final Observation observation;
  private final List<TrainingState> trainings;

  TrainingDecider(Observation observation) {
    this.observation = observation;
    this.trainings =
        observation.trainings().trainings().stream()
            .map(facts -> TrainingProgress.of(facts, observation.spec().training().registration()))
            .toList();
  }

  /** A request by a person goes first; one training runs at a time. */
  Optional<Train> train() {
    return trainings.stream()
        .filter(TrainingState::isPending)
        .filter(t -> trainerAvailable() && blockingJob(t).isEmpty())
        .min(Comparator.comparing(t -> t.request().trigger()))
        .map(t -> new Train(t.job(), t.request().text()));
  }

  private boolean trainerAvailable() {
    return observation.trainings().trainerAvailable();
  }

  /** A Job that must finish before this training may start. */
  private Optional<String> blockingJob(TrainingState training) {
    return observation.trainings().jobs().stream()
        .filter(job -> !job.isFinished() && !job.name().equals(training.job()))
        .map(TrainingJob::name)
        .findFirst();
  }

  /** Whether the phase of a training may still change. */
  boolean isAnyActive() {
    return trainings.stream().anyMatch(TrainingState::isActive);
  }

  /** The training that the condition describes: an active one, else the one that finished last. */
  Optional<TrainingState> mostRelevant() {
    return trainings.stream()
        .max(
            Comparator.comparing(TrainingState::isActive)
                .thenComparing(t -> t.phase().isPresent() && t.startTime().isPresent())
                .thenComparing(t -> t.completionTime().orElse("")));
  }

  /** Finished Jobs beyond the history limits, except those of current requests. */
  List<String> jobsToDelete() {
    TrainingSpec limits = observation.spec().training();
    return Stream.concat(
            exceedingLimit(true, limits.successfulJobsHistoryLimit()),
            exceedingLimit(false, limits.failedJobsHistoryLimit()))
        .toList();
  }

  private Stream<String> exceedingLimit(boolean succeeded, int limit) {
    List<String> current = trainings.stream().map(TrainingState::job).toList();
    return observation.trainings().jobs().stream()
        .filter(job -> job.isFinished() && job.hasSucceeded() == succeeded)
        .filter(job -> !current.contains(job.name()))
        .sorted(Comparator.comparing(TrainingJob::created).reversed())
        .skip(limit)
        .map(TrainingJob::name);
  }

  /** One entry for each trigger that has requested a training. */
  List<TrainingStatus> status() {
    return Arrays.stream(TrainingTrigger.values())
        .flatMap(
            trigger ->
                trainings.stream()
                    .filter(t -> t.request().trigger() == trigger)
                    .filter(t -> t.phase().isPresent() || trainerAvailable())
                    .findFirst()
                    .map(this::toStatus)
                    .or(() -> observation.status().training(trigger))
                    .stream())
        .toList();
  }

  private TrainingStatus toStatus(TrainingState t) {
    return new TrainingStatus(
        t.request().trigger(),
        t.request().text(),
        t.job(),
        t.runId().orElse(null),
        t.phase().orElse(TrainingPhase.PENDING),
        t.startTime().orElse(null),
        t.completionTime().orElse(null),
        t.startTime()
            .flatMap(
                start ->
                    t.completionTime()
                        .map(end -> Duration.between(Instant.parse(start), Instant.parse(end))))
            .map(took -> took.toSeconds() + "s")
            .orElse(null),
        t.treesBuilt().orElse(null),
        t.metrics(),
        message(t));
  }

  /** Human-readable details of a training. */
  String message(TrainingState t) {
    if (!t.isPending()) {
      return t.message()
          + t.treesBuilt()
              .filter(trees -> t.isActive())
              .map(trees -> ", " + trees + " trees built")
              .orElse("");
    }
    return blockingJob(t)
        .map(job -> "waiting for Job %s to finish: one training runs at a time".formatted(job))
        .orElse("Job " + t.job() + " is being created");
  }
}
