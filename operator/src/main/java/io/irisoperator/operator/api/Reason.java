package io.irisoperator.operator.api;

/** The reasons of conditions and Events, in CamelCase. */
public enum Reason {
  // ModelResolved
  RESOLVED("Resolved"),
  RUN_NOT_FOUND("RunNotFound"),
  RUN_DELETED("RunDeleted"),
  RUN_NOT_FINISHED("RunNotFinished"),
  RUN_FAILED("RunFailed"),
  EXPERIMENT_NOT_FOUND("ExperimentNotFound"),
  NO_FINISHED_RUN("NoFinishedRun"),
  REGISTERED_MODEL_NOT_FOUND("RegisteredModelNotFound"),
  VERSION_NOT_READY("VersionNotReady"),
  ROLLBACK_TARGET_NOT_FOUND("RollbackTargetNotFound"),
  ARTIFACT_MISSING("ArtifactMissing"),
  DIGEST_MISMATCH("DigestMismatch"),
  MODEL_INVALID("ModelInvalid"),
  MLFLOW_UNREACHABLE("MlflowUnreachable"),
  MLFLOW_UNAUTHORIZED("MlflowUnauthorized"),
  MLFLOW_UNTRUSTED("MlflowUntrusted"),
  MLFLOW_REQUEST_REJECTED("MlflowRequestRejected"),
  // Available and Ready
  SERVING("Serving"),
  SCALED_TO_ZERO("ScaledToZero"),
  NO_MODEL("NoModel"),
  PODS_NOT_READY("PodsNotReady"),
  // Progressing and Ready
  ROLLING_OUT("RollingOut"),
  ROLLOUT_PAUSED("RolloutPaused"),
  PROGRESS_DEADLINE_EXCEEDED("ProgressDeadlineExceeded"),
  // Progressing
  ROLLOUT_COMPLETE("RolloutComplete"),
  ANALYZING("Analyzing"),
  ROLLING_BACK("RollingBack"),
  // Training
  NOT_REQUESTED("NotRequested"),
  TRAINING_DISABLED("TrainingDisabled"),
  SCHEDULE_INVALID("ScheduleInvalid"),
  TRAINING_PENDING("TrainingPending"),
  TRAINING_RUNNING("TrainingRunning"),
  TRAINING_SUCCEEDED("TrainingSucceeded"),
  TRAINING_FAILED("TrainingFailed"),
  // Degraded
  AS_EXPECTED("AsExpected"),
  ROLLED_BACK("RolledBack"),
  STORED_MODEL_CORRUPT("StoredModelCorrupt"),
  APPLY_FAILED("ApplyFailed");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  /** MLflow could not be asked: that says nothing about the model. */
  public boolean isMlflowUnavailable() {
    return this == MLFLOW_UNREACHABLE || this == MLFLOW_UNAUTHORIZED || this == MLFLOW_UNTRUSTED;
  }

  @Override
  public String toString() {
    return text;
  }
}
