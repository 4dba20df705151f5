package io.irisoperator.mlflow;

import java.time.Duration;

/** Observes every call to MLflow, for metrics. */
@FunctionalInterface
public interface MlflowCallListener {
  /** Ignores all calls. */
  MlflowCallListener NOOP = (operation, outcome, duration) -> {};

  /**
   * Called after each call.
   *
   * @param operation the endpoint, without names and ids, such as {@code runs/get}
   * @param outcome {@code ok}, or {@link MlflowException.Reason}'s name in lower case
   */
  void onCall(String operation, String outcome, Duration duration);
}
