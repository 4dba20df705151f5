package io.irisoperator.operator.state;

import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The models that an IrisModel serves or has served, as the Deployment and status name them. */
public record KnownModels(List<PinnedModel> models) {
  public KnownModels {
    models = List.copyOf(models);
  }

  /** Those of a status and a rollout. */
  public static KnownModels of(IrisModelStatus status, Optional<RolloutState> rollout) {
    return new KnownModels(
        Stream.of(
                rollout.map(r -> r.current().model()).stream(),
                rollout.flatMap(RolloutState::rollbackTarget).map(Revision::model).stream(),
                rollout.flatMap(RolloutState::failed).map(FailedRevision::model).stream(),
                Optional.ofNullable(status.model()).stream(),
                status.history().stream().map(HistoryEntry::model))
            .flatMap(models -> models)
            .toList());
  }

  /** The model that {@code rollout.rollbackTo} names by its run or its digest. */
  public Optional<PinnedModel> find(String rollbackTo) {
    return models.stream()
        .filter(m -> rollbackTo.equals(m.digest()) || rollbackTo.equals(m.runId()))
        .findFirst();
  }
}
