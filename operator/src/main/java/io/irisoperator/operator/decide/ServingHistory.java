package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.ReplacementReason;
import io.irisoperator.operator.decide.conditions.Conditions;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The models that were served before. */
final class ServingHistory {
  private ServingHistory() {}

  /**
   * The history of a status, with another entry if the model changes.
   *
   * <p>It compares with the status that was written last, not with the Deployment: a cache with the
   * status before a change and the Deployment after it must come to the same history.
   */
  static List<HistoryEntry> of(
      Observation o, Optional<RolloutState> before, Optional<RolloutState> after) {
    List<HistoryEntry> history = o.status().history();
    Optional<PinnedModel> reported =
        Optional.ofNullable(o.status().model()).or(() -> before.map(b -> b.current().model()));
    if (reported.isEmpty()
        || after.isEmpty()
        || reported.get().isSameModel(after.get().current().model())) {
      return limited(o, history);
    }
    List<HistoryEntry> longer = new ArrayList<>();
    longer.add(entry(o, reported.get(), before, after.get()));
    longer.addAll(history);
    return limited(o, longer);
  }

  private static List<HistoryEntry> limited(Observation o, List<HistoryEntry> history) {
    int limit = o.spec().rollout().revisionHistoryLimit();
    return history.subList(0, Math.min(history.size(), limit));
  }

  private static HistoryEntry entry(
      Observation o, PinnedModel model, Optional<RolloutState> before, RolloutState after) {
    String deployedAt =
        before
            .map(RolloutState::current)
            .filter(revision -> revision.model().isSameModel(model))
            .map(revision -> Conditions.time(revision.since()))
            // If a cache lags, the Deployment is a step ahead: the rollout started when the last
            // model was replaced.
            .or(() -> o.status().history().stream().findFirst().map(HistoryEntry::replacedAt))
            .orElse(null);
    String replacedAt = Conditions.time(o.now());
    String run = after.current().model().runId();
    Optional<String> failure =
        after
            .failed()
            .filter(failed -> failed.model().isSameModel(model))
            .map(FailedRevision::message);
    if (failure.isPresent()) {
      return new HistoryEntry(
          model,
          deployedAt,
          replacedAt,
          ReplacementReason.ROLLED_BACK,
          "rolled back to run %s: %s".formatted(run, failure.get()));
    }
    return o.spec().rollout().rollbackTo() == null
        ? new HistoryEntry(
            model, deployedAt, replacedAt, ReplacementReason.SUPERSEDED, "superseded by run " + run)
        : new HistoryEntry(
            model,
            deployedAt,
            replacedAt,
            ReplacementReason.ROLLBACK_REQUESTED,
            "rollout.rollbackTo selects run " + run);
  }
}
