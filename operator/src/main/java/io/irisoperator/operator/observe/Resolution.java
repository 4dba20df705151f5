package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;

/** What MLflow says of the model that a resource asks for. */
public sealed interface Resolution {

  /** It is there, and can be served. */
  record Resolved(IrisModelStatus.Model model) implements Resolution {}

  /**
   * It cannot be served.
   *
   * @param message names the run, experiment, file or URL, and what to do
   */
  record Unresolved(Reason reason, String message) implements Resolution {}
}
