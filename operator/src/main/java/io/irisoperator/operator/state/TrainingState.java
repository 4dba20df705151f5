package io.irisoperator.operator.state;

import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import java.util.Map;
import java.util.Optional;

/**
 * A training and its progress.
 *
 * @param phase empty if its Job has not been created yet
 * @param runId its MLflow run
 * @param treesBuilt such as {@code 57/100}
 * @param metrics the scores of the trained model
 * @param message human-readable details; may be empty
 */
public record TrainingState(
    TrainingRequest request,
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

  /** A training with nothing but a phase and a message. */
  public static TrainingState of(
      TrainingRequest request,
      Optional<TrainingPhase> phase,
      Optional<String> run,
      String message) {
    return new TrainingState(
        request,
        phase,
        run,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        message);
  }

  /** A training as status reports it. */
  public static TrainingState of(TrainingRequest request, TrainingStatus reported) {
    return new TrainingState(
        request,
        Optional.of(reported.phase()),
        Optional.ofNullable(reported.runId()),
        Optional.ofNullable(reported.startTime()),
        Optional.ofNullable(reported.completionTime()),
        Optional.ofNullable(reported.treesBuilt()),
        reported.metrics(),
        reported.message());
  }

  public String job() {
    return request.job();
  }

  /** Whether its Job is still to be created. */
  public boolean isPending() {
    return phase.isEmpty();
  }

  /** Whether its phase may still change. */
  public boolean isActive() {
    return phase.filter(TrainingPhase::isFinal).isEmpty();
  }
}
