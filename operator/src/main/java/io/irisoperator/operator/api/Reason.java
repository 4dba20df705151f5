package io.irisoperator.operator.api;

/**
 * Why a condition has its status; also the reasons of Events. In a resource they are written in
 * CamelCase.
 */
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
  VERSION_WITHOUT_RUN("VersionWithoutRun"),
  NOT_IN_HISTORY("NotInHistory"),
  ARTIFACT_MISSING("ArtifactMissing"),
  DIGEST_MISMATCH("DigestMismatch"),
  MODEL_INVALID("ModelInvalid"),
  MLFLOW_UNREACHABLE("MlflowUnreachable"),
  MLFLOW_REFUSED("MlflowRefused"),
  // Available and Ready
  SERVING("Serving"),
  SCALED_TO_ZERO("ScaledToZero"),
  NO_MODEL("NoModel"),
  ROLLING_OUT("RollingOut"),
  PODS_NOT_READY("PodsNotReady"),
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
  ROLLOUT_STUCK("RolloutStuck"),
  ROLLED_BACK("RolledBack"),
  STORED_MODEL_CORRUPT("StoredModelCorrupt"),
  APPLY_FAILED("ApplyFailed");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
