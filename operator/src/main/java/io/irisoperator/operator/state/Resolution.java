package io.irisoperator.operator.state;

import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import java.util.Optional;

/** The answer to the question which model a resource selects. */
public sealed interface Resolution {

  /**
   * The model exists and can be served.
   *
   * @param archive its bytes, if they are not stored in the cluster yet
   */
  record Resolved(PinnedModel model, Optional<ModelArchive> archive) implements Resolution {}

  /**
   * The model cannot be served.
   *
   * @param message names the run, experiment, file or URL, and the next step
   */
  record Unresolved(Reason reason, String message) implements Resolution {}

  /**
   * rollout.rollbackTo selects the model.
   *
   * @param archive its bytes, if they are not stored in the cluster, and MLflow still has them
   */
  record Skipped(Optional<ModelArchive> archive) implements Resolution {}
}
