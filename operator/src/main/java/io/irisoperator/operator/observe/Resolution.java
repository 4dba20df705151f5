package io.irisoperator.operator.observe;

import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import java.util.Optional;

/** What is known of the model that a resource asks for. */
public sealed interface Resolution {

  /**
   * It is there, and can be served.
   *
   * @param files its files, where they are not stored in the cluster yet
   */
  record Resolved(IrisModelStatus.Model model, Optional<ModelFolder> files) implements Resolution {}

  /**
   * It cannot be served.
   *
   * @param message names the run, experiment, file or URL, and what to do
   */
  record Unresolved(Reason reason, String message) implements Resolution {}
}
