package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.decide.Decision.Train;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.TrainingJob;
import io.irisoperator.operator.observe.TrainingState;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which training is to be begun, and what there is to tell of trainings. */
record TrainingDecider(Observation observation) {

  /** What a person asks for goes first; one at a time. */
  Optional<Train> train() {
    return asked()
        .filter(TrainingState::isToBeBegun)
        .filter(t -> observation.canTrain() && busy(t).isEmpty())
        .findFirst()
        .map(t -> new Train(t.job(), t.request()));
  }

  private Stream<TrainingState> asked() {
    return Stream.of(observation.training(), observation.scheduled()).flatMap(Optional::stream);
  }

  /** A Job that must end before this training may begin. */
  Optional<String> busy(TrainingState training) {
    return observation.jobs().stream()
        .filter(job -> !job.over() && !job.name().equals(training.job()))
        .map(TrainingJob::name)
        .findFirst();
  }

  /** The training that there is most to say of: one that goes on, else the one that ended last. */
  Optional<TrainingState> foremost() {
    return asked()
        .max(
            Comparator.comparing(TrainingState::isGoingOn)
                .thenComparing(t -> t.phase().isPresent() && t.startTime().isPresent())
                .thenComparing(t -> t.completionTime().orElse("")));
  }

  /** Finished Jobs beyond the history limits, but for those that answer what is asked for. */
  List<String> discard() {
    IrisModelSpec.Training limits = observation.spec().training();
    return Stream.of(
            beyond(true, limits.successfulJobsHistoryLimit()),
            beyond(false, limits.failedJobsHistoryLimit()))
        .flatMap(jobs -> jobs)
        .toList();
  }

  private Stream<String> beyond(boolean succeeded, int limit) {
    List<String> current = asked().map(TrainingState::job).toList();
    return observation.jobs().stream()
        .filter(job -> job.over() && job.succeeded() == succeeded)
        .filter(job -> !current.contains(job.name()))
        .sorted(Comparator.comparing(TrainingJob::created).reversed())
        .skip(limit)
        .map(TrainingJob::name);
  }

  /** What status tells of a training. */
  Optional<IrisModelStatus.Training> told(
      Optional<TrainingState> training, IrisModelStatus.Training before) {
    return training
        .filter(t -> t.phase().isPresent() || observation.canTrain())
        .map(this::told)
        .or(() -> Optional.ofNullable(before));
  }

  private IrisModelStatus.Training told(TrainingState t) {
    return new IrisModelStatus.Training(
        t.request(),
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

  /** What there is to say of it. */
  String message(TrainingState t) {
    if (!t.isToBeBegun()) {
      return t.message()
          + t.treesBuilt()
              .filter(trees -> t.isGoingOn())
              .map(trees -> ", trees built: " + trees)
              .orElse("");
    }
    return busy(t)
        .map(job -> "waits for Job %s to end: one training at a time".formatted(job))
        .orElse("Job " + t.job() + " is being created");
  }
}
