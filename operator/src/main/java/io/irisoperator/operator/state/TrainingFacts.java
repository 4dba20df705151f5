package io.irisoperator.operator.state;

import io.irisoperator.contract.TrainerResult;
import io.irisoperator.operator.api.TrainingStatus;
import java.util.Optional;

/**
 * What was observed of a training.
 *
 * @param reported what status reports about the last training of the trigger
 * @param job its Job, if it exists
 * @param terminationMessage the last message of its container, once the Job is finished
 * @param result the result in that message
 * @param run its MLflow run: a finished one if there is no Job, the one in progress while it runs
 * @param mlflowError why MLflow could not be queried
 * @param missingData the data that does not exist, such as {@code ConfigMap flowers
 *     (training.data.configMapName)}
 */
public record TrainingFacts(
    TrainingRequest request,
    Optional<TrainingStatus> reported,
    Optional<TrainingJob> job,
    Optional<String> terminationMessage,
    Optional<TrainerResult> result,
    Optional<TrainingRun> run,
    Optional<String> mlflowError,
    Optional<String> missingData) {

  /**
   * The MLflow run of a training.
   *
   * @param treesBuilt such as {@code 57/100}
   */
  public record TrainingRun(String runId, Optional<String> treesBuilt) {}

  /** A training with nothing observed but its request and what status reports. */
  public static TrainingFacts of(TrainingRequest request, Optional<TrainingStatus> reported) {
    return new TrainingFacts(
        request,
        reported,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  public TrainingFacts withJob(TrainingJob found) {
    return new TrainingFacts(
        request,
        reported,
        Optional.of(found),
        terminationMessage,
        result,
        run,
        mlflowError,
        missingData);
  }

  public TrainingFacts withTermination(
      Optional<String> message, Optional<TrainerResult> trainerResult) {
    return new TrainingFacts(
        request, reported, job, message, trainerResult, run, mlflowError, missingData);
  }

  public TrainingFacts withRun(Optional<TrainingRun> found) {
    return new TrainingFacts(
        request, reported, job, terminationMessage, result, found, mlflowError, missingData);
  }

  public TrainingFacts withMlflowError(String error) {
    return new TrainingFacts(
        request, reported, job, terminationMessage, result, run, Optional.of(error), missingData);
  }

  public TrainingFacts withMissingData(Optional<String> missing) {
    return new TrainingFacts(
        request, reported, job, terminationMessage, result, run, mlflowError, missing);
  }

  /** What status reports about this very training, not about an earlier one of the trigger. */
  public Optional<TrainingStatus> reportedSame() {
    return reported.filter(r -> request.job().equals(r.job()) && r.phase() != null);
  }

  /** Whether status already has the final phase, so that nothing else needs to be read. */
  public boolean isReportedFinal() {
    return reportedSame().filter(r -> r.phase().isFinal()).isPresent();
  }
}
