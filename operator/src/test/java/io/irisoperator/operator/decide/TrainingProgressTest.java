package io.irisoperator.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.contract.TrainerResult;
import io.irisoperator.operator.api.RegistrationSpec;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.state.TrainingFacts;
import io.irisoperator.operator.state.TrainingFacts.TrainingRun;
import io.irisoperator.operator.state.TrainingJob;
import io.irisoperator.operator.state.TrainingJob.Outcome;
import io.irisoperator.operator.state.TrainingRequest;
import io.irisoperator.operator.state.TrainingState;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
  private static final TrainingRequest REQUEST =
      new TrainingRequest(TrainingTrigger.REQUEST, "now", "iris-train-1");
  private static final RegistrationSpec CHAMPION = new RegistrationSpec("iris", "champion", 0.95);
  private static final TrainingFacts REQUESTED = TrainingFacts.of(REQUEST, Optional.empty());

  private static TrainingFacts reported(TrainingPhase phase) {
    return TrainingFacts.of(
        REQUEST,
        Optional.of(
            new TrainingStatus(
                TrainingTrigger.REQUEST,
                "now",
                "iris-train-1",
                null,
                phase,
                "2026-01-01T12:00:00Z",
                null,
                null,
                null,
                Map.of(),
                "")));
  }

  private static TrainingJob job(boolean ready, Optional<Outcome> outcome) {
    return new TrainingJob(
        "iris-train-1",
        "2026-01-01T12:00:00Z",
        Optional.of("2026-01-01T12:00:01Z"),
        ready,
        outcome);
  }

  private static TrainingJob finished(boolean succeeded) {
    return job(
        false,
        Optional.of(
            new Outcome(
                succeeded,
                Optional.of("2026-01-01T12:00:09Z"),
                "BackoffLimitExceeded: too often")));
  }

  private static TrainingFacts succeeded(Optional<TrainerResult.Registration> registration) {
    return REQUESTED
        .withJob(finished(true))
        .withTermination(
            Optional.of("{}"), Optional.of(new TrainerResult("0f3c", 0.987, 0.986, registration)));
  }

  private static void assertPhase(TrainingState state, TrainingPhase phase, String message) {
    assertThat(state.phase()).contains(phase);
    assertThat(state.message()).isEqualTo(message);
  }

  @Test
  void aRequestWithoutAJobIsPending() {
    assertThat(TrainingProgress.of(REQUESTED, CHAMPION).isPending()).isTrue();
  }

  @Test
  void aTrainingWaitsForMlflowAndForItsData() {
    assertPhase(
        TrainingProgress.of(REQUESTED.withMlflowError("connection refused"), CHAMPION),
        TrainingPhase.PENDING,
        "the training starts when MLflow answers: connection refused");
    assertPhase(
        TrainingProgress.of(
            REQUESTED.withMissingData(
                Optional.of("ConfigMap flowers (training.data.configMapName)")),
            CHAMPION),
        TrainingPhase.PENDING,
        "the training starts when ConfigMap flowers (training.data.configMapName) exists");
  }

  @Test
  void aFinishedRunIsATrainingWhoseJobWasLost() {
    TrainingFacts lost = REQUESTED.withRun(Optional.of(new TrainingRun("0f3c", Optional.empty())));
    assertPhase(
        TrainingProgress.of(lost, CHAMPION),
        TrainingPhase.SUCCEEDED,
        "run 0f3c is FINISHED in MLflow");
    assertPhase(
        TrainingProgress.of(lost.withJob(finished(true)), CHAMPION),
        TrainingPhase.SUCCEEDED,
        "run 0f3c is FINISHED in MLflow");
  }

  @Test
  void aJobThatWasDeletedWhileRunningHasFailed() {
    assertPhase(
        TrainingProgress.of(reported(TrainingPhase.RUNNING), CHAMPION),
        TrainingPhase.FAILED,
        "Job iris-train-1 was deleted before it finished: change training.retrain to request another training");
  }

  @Test
  void aJobIsRunningWhileAFailedPodIsRetried() {
    TrainingJob retried = job(false, Optional.empty());
    assertPhase(
        TrainingProgress.of(REQUESTED.withJob(retried), CHAMPION),
        TrainingPhase.PENDING,
        "Job iris-train-1 is waiting for its pod");
    TrainingState running =
        TrainingProgress.of(
            reported(TrainingPhase.RUNNING)
                .withJob(retried)
                .withRun(Optional.of(new TrainingRun("0f3c", Optional.of("57/100")))),
            CHAMPION);
    assertPhase(running, TrainingPhase.RUNNING, "Job iris-train-1 is running");
    assertThat(running.runId()).contains("0f3c");
    assertThat(running.treesBuilt()).contains("57/100");
  }

  @Test
  void aSuccessHasItsScores() {
    TrainingState state = TrainingProgress.of(succeeded(Optional.empty()), CHAMPION);
    assertPhase(state, TrainingPhase.SUCCEEDED, "run 0f3c, test accuracy 0.987");
    assertThat(state.metrics()).isEqualTo(Map.of("test_accuracy", 0.987, "test_f1", 0.986));
    assertThat(state.completionTime()).contains("2026-01-01T12:00:09Z");
  }

  @Test
  void aRegistrationSaysWhetherTheAliasMoved() {
    assertThat(
            TrainingProgress.of(
                    succeeded(Optional.of(new TrainerResult.Registration("iris", "3", true))),
                    CHAMPION)
                .message())
        .endsWith("; registered as version 3 of iris, alias champion moved to it");
    assertThat(
            TrainingProgress.of(
                    succeeded(Optional.of(new TrainerResult.Registration("iris", "3", false))),
                    CHAMPION)
                .message())
        .endsWith(
            ", alias champion not moved: the accuracy is below training.registration.minAccuracy (0.95)");
  }

  @Test
  void aFailureSaysWhy() {
    TrainingFacts failed = REQUESTED.withJob(finished(false));
    assertPhase(
        TrainingProgress.of(failed, CHAMPION),
        TrainingPhase.FAILED,
        "Job iris-train-1 failed: BackoffLimitExceeded: too often");
    assertPhase(
        TrainingProgress.of(
            failed.withTermination(Optional.of("iris_train.csv:3: bad"), Optional.empty()),
            CHAMPION),
        TrainingPhase.FAILED,
        "Job iris-train-1 failed: iris_train.csv:3: bad");
  }
}
