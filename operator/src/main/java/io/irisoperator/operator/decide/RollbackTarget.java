package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The model that {@code rollout.rollbackTo} names. */
final class RollbackTarget {
  private RollbackTarget() {}

  /** Finds it among the models that status and the Deployment name. */
  static Resolution resolve(
      String rollbackTo, IrisModelStatus status, Optional<RolloutState> rollout) {
    List<PinnedModel> known =
        Stream.of(
                rollout.map(r -> r.current().model()).stream(),
                rollout.flatMap(RolloutState::rollbackTarget).map(Revision::model).stream(),
                rollout.flatMap(RolloutState::failed).map(FailedRevision::model).stream(),
                Optional.ofNullable(status.model()).stream(),
                status.history().stream().map(HistoryEntry::model))
            .flatMap(models -> models)
            .toList();
    return known.stream()
        .filter(m -> rollbackTo.equals(m.digest()) || rollbackTo.equals(m.runId()))
        .findFirst()
        .<Resolution>map(m -> new Resolved(m, Optional.empty()))
        .orElseGet(
            () ->
                new Unresolved(
                    Reason.ROLLBACK_TARGET_NOT_FOUND,
                    "rollout.rollbackTo %s is not in status.history: set it to one of the runs %s, or to one of their digests"
                        .formatted(
                            rollbackTo,
                            known.stream().map(PinnedModel::runId).distinct().toList())));
  }
}
