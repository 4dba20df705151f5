package io.irisoperator.mlflow;

import java.time.Duration;

/** Is told of every call to MLflow, for metrics. */
@FunctionalInterface
public interface MlflowCalls {
  /** Nobody wants to know. */
  MlflowCalls UNHEARD = (operation, outcome, duration) -> {};

  /**
   * A call has ended.
   *
   * @param operation the endpoint, without any name or id, such as {@code runs/get}
   * @param outcome {@code ok}, or {@link MlflowException.Reason}'s name in lower case
   */
  void ended(String operation, String outcome, Duration duration);
}
