package io.irisoperator.operator.decide;

import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.KnownModels;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Skipped;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.util.Optional;

/** The model that {@code rollout.rollbackTo} names. */
final class RollbackTarget {
  private RollbackTarget() {}

  /** Finds it among the models that status and the Deployment name. */
  static Resolution resolve(
      String rollbackTo,
      IrisModelStatus status,
      Optional<RolloutState> rollout,
      Resolution observed) {
    KnownModels known = KnownModels.of(status, rollout);
    return known
        .find(rollbackTo)
        .<Resolution>map(m -> new Resolved(m, archive(observed)))
        .orElseGet(
            () ->
                new Unresolved(
                    Reason.ROLLBACK_TARGET_NOT_FOUND,
                    "rollout.rollbackTo %s is not in status.history: set it to one of the runs %s, or to one of their digests"
                        .formatted(
                            rollbackTo,
                            known.models().stream().map(m -> m.runId()).distinct().toList())));
  }

  private static Optional<ModelArchive> archive(Resolution observed) {
    return observed instanceof Skipped(Optional<ModelArchive> archive) ? archive : Optional.empty();
  }
}
