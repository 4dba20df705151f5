package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.ReplacementReason;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.rollout.Fingerprint;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.rollout.RolloutState.Analyzing;
import io.irisoperator.operator.rollout.RolloutState.Initializing;
import io.irisoperator.operator.rollout.RolloutState.Progressing;
import io.irisoperator.operator.rollout.RolloutState.RollingBack;
import io.irisoperator.operator.rollout.RolloutState.Stable;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.RequestStats;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Unresolved;
import io.irisoperator.operator.state.StoredModel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/** Which revision the pods should be of: the selected model's, or the previous one. */
final class RolloutDecider {
  private final Observation observation;
  private final Resolution resolution;
  private final PodHealth pods;
  private final Optional<RolloutState> before;

  RolloutDecider(Observation observation) {
    this.observation = observation;
    this.pods = PodHealth.of(observation.serving().pods());
    Optional<RolloutState> annotated = observation.deployment().flatMap(DeploymentState::rollout);
    this.resolution =
        Optional.ofNullable(observation.spec().rollout().rollbackTo())
            .map(
                target ->
                    RollbackTarget.resolve(
                        target, observation.status(), annotated, observation.source().resolution()))
            .orElseGet(() -> observation.source().resolution());
    this.before = annotated.or(this::fromStatus);
  }

  /** The selected model, by MLflow or by {@code rollout.rollbackTo}. */
  Resolution resolution() {
    return resolution;
  }

  PodHealth pods() {
    return pods;
  }

  /**
   * The state so far. The Deployment has it; if it was deleted or lost its annotation, status and
   * history have enough to go on.
   */
  Optional<RolloutState> before() {
    return before;
  }

  private Optional<RolloutState> fromStatus() {
    return Optional.ofNullable(observation.status().model())
        .map(
            model -> {
              Optional<FailedRevision> failed = failedInStatus();
              // Nothing needs to be rolled back to from a model that all pods served.
              return servedBefore(model)
                  .filter(earlier -> !wasReady())
                  .<RolloutState>map(
                      earlier -> new Progressing(revision(model), revision(earlier), failed))
                  .orElseGet(() -> new Initializing(revision(model), failed));
            });
  }

  private Optional<PinnedModel> servedBefore(PinnedModel model) {
    return observation.status().history().stream()
        .filter(entry -> !model.isSameModel(entry.model()))
        // Without a reason, an older operator wrote the entry: it may have been rolled back.
        .filter(entry -> entry.reason() != null)
        .filter(entry -> entry.reason() != ReplacementReason.ROLLED_BACK)
        .map(HistoryEntry::model)
        .findFirst();
  }

  private boolean wasReady() {
    return observation
        .status()
        .condition(ConditionType.READY)
        .filter(ready -> ready.getStatus().equals("True"))
        .isPresent();
  }

  /**
   * Its model is the one that the source resolves to or, if MLflow is unreachable, in the history.
   */
  private Optional<FailedRevision> failedInStatus() {
    return Optional.ofNullable(observation.status().failedRollout())
        .flatMap(
            f ->
                Stream.concat(
                        resolved().stream(),
                        observation.status().history().stream().map(HistoryEntry::model))
                    .filter(model -> model.isModel(f.runId(), f.digest()))
                    .findFirst()
                    .map(
                        model ->
                            new FailedRevision(
                                revision(model).id(), spec(), model, f.message(), now())));
  }

  /** The state from now on; empty until there is a model. */
  Optional<RolloutState> after() {
    Optional<PinnedModel> requested = resolved().or(() -> before.map(b -> b.current().model()));
    if (requested.isEmpty()) {
      return Optional.empty();
    }
    Revision next = revision(requested.get());
    if (before.isEmpty()) {
      return Optional.of(RolloutState.initial(next));
    }
    RolloutState state = before.get();
    if (resolved().isPresent() && mayRetry(state, next)) {
      state = state.clearFailure();
    }
    if (state.current().id().equals(next.id())) {
      return Optional.of(advance(state.withModel(requested.get())));
    }
    boolean failed = state.failed().filter(f -> f.id().equals(next.id())).isPresent();
    // Without pods, readiness cannot be verified: wait for the first one.
    boolean scaledToZero = observation.spec().serving().replicas() == 0;
    if (failed || scaledToZero || corrupt(requested.get()).isPresent() || isPaused()) {
      return Optional.of(advance(state));
    }
    return Optional.of(state.start(next));
  }

  /**
   * Whether pods that serve must not end now: a node that has not received the new endpoints yet
   * would still send them requests. A rollback by hand does not wait.
   */
  private boolean isPaused() {
    return observation.now().isBefore(observation.rolloutsPausedUntil())
        && observation.deployment().filter(d -> d.ready() > 0).isPresent()
        && observation.spec().rollout().rollbackTo() == null;
  }

  /** The requested model whose rollout is paused. */
  Optional<PinnedModel> pausedModel(RolloutState after) {
    return resolved()
        .or(() -> Optional.of(after.current().model()))
        .filter(requested -> isPaused() && !revision(requested).id().equals(after.current().id()));
  }

  /**
   * A failed revision is retried once the source resolves to another model, or the spec changes.
   */
  private boolean mayRetry(RolloutState state, Revision next) {
    return state
        .failed()
        .filter(f -> !f.id().equals(next.id()) || !f.spec().equals(spec()))
        .isPresent();
  }

  /** Moves a rollout on: available, promoted, or rolled back. */
  private RolloutState advance(RolloutState state) {
    RolloutState measured = state instanceof Analyzing analyzing ? withWindow(analyzing) : state;
    if (measured.rollbackTarget().isPresent()) {
      if (measured instanceof Progressing && corrupt(measured.current().model()).isPresent()) {
        return measured.rollBack(now(), Optional.empty());
      }
      Optional<String> failure = failure(measured);
      if (failure.isPresent()) {
        return measured.rollBack(now(), Optional.of(failed(measured, failure.get())));
      }
    }
    return switch (measured) {
      case Stable stable -> stable;
      case Analyzing analyzing -> isAnalyzed(analyzing) ? analyzing.promote() : analyzing;
      case Initializing _, Progressing _, RollingBack _ ->
          areAllPodsReady() ? measured.markAvailable(now()) : measured;
    };
  }

  private boolean areAllPodsReady() {
    int replicas = observation.spec().serving().replicas();
    return replicas > 0
        && observation.deployment().filter(d -> d.rolledOut() && d.ready() >= replicas).isPresent();
  }

  private boolean isAnalyzed(Analyzing analyzing) {
    return !observation
        .now()
        .isBefore(analyzing.availableSince().plus(observation.spec().rollout().analysis().time()));
  }

  private Analyzing withWindow(Analyzing analyzing) {
    return observation
        .serving()
        .window()
        .map(window -> analyzing.afterWindow(violation(window).isPresent()))
        .orElse(analyzing);
  }

  private Optional<String> violation(RequestStats window) {
    return RolloutAnalysis.violation(window, observation.spec().rollout().analysis());
  }

  private Optional<String> failure(RolloutState state) {
    Optional<String> deadline =
        observation
            .deployment()
            .flatMap(DeploymentState::deadlineExceeded)
            .filter(message -> state instanceof Progressing)
            .map(
                message ->
                    "its pods were not ready within %d s%s"
                        .formatted(
                            observation.spec().rollout().progressDeadlineSeconds(),
                            pods.notReady().map(why -> ": " + why).orElse("")));
    Optional<String> analysis =
        observation
            .serving()
            .window()
            .filter(
                window ->
                    state instanceof Analyzing analyzing
                        && analyzing.failedWindows() > RolloutAnalysis.MAX_FAILED_WINDOWS
                        && !isManualRollback(analyzing))
            .flatMap(this::violation);
    return Stream.of(pods.crashLoop(), deadline, analysis).flatMap(Optional::stream).findFirst();
  }

  /** Whether a person has rolled back to this model: metrics must not undo that. */
  private boolean isManualRollback(Analyzing analyzing) {
    return observation.spec().rollout().rollbackTo() != null
        && !analyzing.stable().model().isSameModel(analyzing.current().model());
  }

  private FailedRevision failed(RolloutState state, String why) {
    return new FailedRevision(state.current().id(), spec(), state.current().model(), why, now());
  }

  Optional<PinnedModel> resolved() {
    return resolution instanceof Resolved(PinnedModel model, var _)
        ? Optional.of(model)
        : Optional.empty();
  }

  /** The revision that was rolled back, as long as it is the requested one. */
  Optional<FailedRevision> failed(Optional<RolloutState> state) {
    // An unavailable MLflow is no evidence about the source: the failed model is still requested.
    if (resolution instanceof Unresolved(Reason reason, String _) && reason.isMlflowUnavailable()) {
      return state.flatMap(RolloutState::failed).filter(f -> f.spec().equals(spec()));
    }
    return resolved()
        .flatMap(
            model ->
                state
                    .flatMap(RolloutState::failed)
                    .filter(f -> f.id().equals(revision(model).id())));
  }

  /** The stored copy of a model, if it is corrupt. */
  Optional<StoredModel> corrupt(PinnedModel model) {
    return Optional.ofNullable(observation.stored().get(model.digest()))
        .filter(copy -> copy.corruption().isPresent());
  }

  private Revision revision(PinnedModel model) {
    return Revision.of(model, observation.spec().serving(), now());
  }

  /**
   * A fingerprint of what a failed revision depends on. The number of pods and the length of the
   * history are not part of it.
   */
  private String spec() {
    IrisModelSpec spec = observation.spec();
    return Fingerprint.of(
        spec.mlflow(),
        spec.model(),
        Revision.ofPods(spec.serving()),
        spec.rollout().progressDeadlineSeconds(),
        spec.rollout().analysis(),
        spec.rollout().rollbackTo());
  }

  private Instant now() {
    return observation.now().truncatedTo(ChronoUnit.SECONDS);
  }
}
