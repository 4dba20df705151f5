package io.irisoperator.mlflow;

/** A run's status, by MLflow's names. */
public enum RunStatus {
  RUNNING,
  SCHEDULED,
  FINISHED,
  FAILED,
  KILLED
}
