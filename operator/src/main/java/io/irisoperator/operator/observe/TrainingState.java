package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import java.util.Map;
import java.util.Optional;

/**
 * A training that is asked for, and how far it is.
 *
 * @param request the text that asks
 * @param job the name of the Job that answers, there or not
 * @param phase nothing where no Job is there and none is known to have been
 * @param runId the run that came of it, or is being logged to
 * @param treesBuilt such as {@code 57/100}
 * @param metrics of the model that came of it
 * @param message what there is to say; empty where nothing is
 */
public record TrainingState(
    String request,
    String job,
    Optional<TrainingPhase> phase,
    Optional<String> runId,
    Optional<String> startTime,
    Optional<String> completionTime,
    Optional<String> treesBuilt,
    Map<String, Double> metrics,
    String message) {
  public TrainingState {
    metrics = Map.copyOf(metrics);
  }

  /** One of which no more is known than a phase. */
  static TrainingState of(
      RetrainRequest request, Optional<TrainingPhase> phase, Optional<String> run, String message) {
    return new TrainingState(
        request.text(),
        request.job(),
        phase,
        run,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        message);
  }

  /** As status has told it. */
  static TrainingState of(RetrainRequest request, IrisModelStatus.Training told) {
    return new TrainingState(
        request.text(),
        request.job(),
        Optional.of(told.phase()),
        Optional.ofNullable(told.runId()),
        Optional.ofNullable(told.startTime()),
        Optional.ofNullable(told.completionTime()),
        Optional.ofNullable(told.treesBuilt()),
        told.metrics(),
        told.message());
  }

  /** Whether a Job is still to be made for it. */
  public boolean isToBeBegun() {
    return phase.isEmpty();
  }

  /** Whether more will come of it. */
  public boolean isGoingOn() {
    return phase.filter(TrainingPhase::isOver).isEmpty();
  }
}
