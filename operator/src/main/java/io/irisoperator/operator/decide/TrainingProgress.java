package io.irisoperator.operator.decide;

import io.irisoperator.contract.TrainerResult;
import io.irisoperator.contract.TrainerResult.Registration;
import io.irisoperator.operator.api.RegistrationSpec;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.state.TrainingFacts;
import io.irisoperator.operator.state.TrainingFacts.TrainingRun;
import io.irisoperator.operator.state.TrainingJob;
import io.irisoperator.operator.state.TrainingJob.Outcome;
import io.irisoperator.operator.state.TrainingRequest;
import io.irisoperator.operator.state.TrainingState;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The progress of a training, from what is known about it. */
final class TrainingProgress {
  private static final int MAX_MESSAGE = 1000;

  private TrainingProgress() {}

  /** Judges a training. */
  static TrainingState of(TrainingFacts facts, RegistrationSpec registration) {
    if (facts.isReportedFinal()) {
      return TrainingState.of(facts.request(), facts.reportedSame().orElseThrow());
    }
    return facts
        .job()
        .map(job -> ofJob(facts, job, registration))
        .orElseGet(() -> withoutJob(facts));
  }

  /** The Job was never created; or it and its status were lost, and MLflow may have the run. */
  private static TrainingState withoutJob(TrainingFacts facts) {
    TrainingRequest request = facts.request();
    if (facts.run().isPresent()) {
      return finishedRun(facts, facts.run().get());
    }
    if (facts.mlflowError().isPresent()) {
      return TrainingState.of(
          request,
          Optional.of(TrainingPhase.PENDING),
          Optional.empty(),
          "the training starts when MLflow answers: " + facts.mlflowError().get());
    }
    if (facts.missingData().isPresent()) {
      return TrainingState.of(
          request,
          Optional.of(TrainingPhase.PENDING),
          Optional.empty(),
          "the training starts when %s exists".formatted(facts.missingData().get()));
    }
    if (facts.reportedSame().filter(r -> r.startTime() != null).isPresent()) {
      return TrainingState.of(
          request,
          Optional.of(TrainingPhase.FAILED),
          Optional.empty(),
          "Job %s was deleted before it finished: change training.retrain to request another training"
              .formatted(request.job()));
    }
    return TrainingState.of(request, Optional.empty(), Optional.empty(), "");
  }

  private static TrainingState finishedRun(TrainingFacts facts, TrainingRun run) {
    return TrainingState.of(
        facts.request(),
        Optional.of(TrainingPhase.SUCCEEDED),
        Optional.of(run.runId()),
        "run " + run.runId() + " is FINISHED in MLflow");
  }

  private static TrainingState ofJob(
      TrainingFacts facts, TrainingJob job, RegistrationSpec registration) {
    TrainingPhase phase = phase(facts, job);
    // The pod may be gone, and its message with it; MLflow may have the run, found by the Job's
    // tag.
    if (phase == TrainingPhase.SUCCEEDED && facts.result().isEmpty() && facts.run().isPresent()) {
      return finishedRun(facts, facts.run().get());
    }
    String message =
        switch (phase) {
          case PENDING -> "Job " + job.name() + " is waiting for its pod";
          case RUNNING -> "Job " + job.name() + " is running";
          case SUCCEEDED ->
              facts
                  .result()
                  .map(result -> succeeded(result, registration))
                  .orElse("Job " + job.name() + " succeeded");
          case FAILED ->
              "Job %s failed: %s"
                  .formatted(
                      job.name(),
                      facts
                          .terminationMessage()
                          .map(text -> text.substring(0, Math.min(text.length(), MAX_MESSAGE)))
                          .or(() -> job.outcome().map(Outcome::reason))
                          .orElse("see kubectl describe job " + job.name()));
        };
    Map<String, Double> metrics = new TreeMap<>();
    facts
        .result()
        .ifPresent(
            result -> {
              metrics.put("test_accuracy", result.testAccuracy());
              metrics.put("test_f1", result.testF1());
            });
    return new TrainingState(
        facts.request(),
        Optional.of(phase),
        facts.result().map(TrainerResult::runId).or(() -> facts.run().map(TrainingRun::runId)),
        job.startTime(),
        job.outcome().flatMap(Outcome::time),
        facts.run().flatMap(TrainingRun::treesBuilt),
        metrics,
        message);
  }

  /** Between the end of the pod and the end of the Job no pod is ready: it is still running. */
  private static TrainingPhase phase(TrainingFacts facts, TrainingJob job) {
    if (job.isFinished()) {
      return job.hasSucceeded() ? TrainingPhase.SUCCEEDED : TrainingPhase.FAILED;
    }
    boolean wasRunning =
        facts.reportedSame().filter(r -> r.phase() == TrainingPhase.RUNNING).isPresent();
    return job.ready() || wasRunning ? TrainingPhase.RUNNING : TrainingPhase.PENDING;
  }

  private static String succeeded(TrainerResult result, RegistrationSpec registration) {
    String message = "run %s, test accuracy %s".formatted(result.runId(), result.testAccuracy());
    if (result.registration().isEmpty()) {
      return message;
    }
    Registration registered = result.registration().get();
    message +=
        "; registered as version %s of %s".formatted(registered.version(), registered.model());
    if (registration == null || registration.alias() == null) {
      return message;
    }
    return message
        + (registered.aliasMoved()
            ? ", alias %s moved to it".formatted(registration.alias())
            : ", alias %s not moved: the accuracy is below training.registration.minAccuracy (%s)"
                .formatted(registration.alias(), registration.minAccuracy()));
  }
}
