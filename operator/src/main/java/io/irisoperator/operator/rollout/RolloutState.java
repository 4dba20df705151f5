package io.irisoperator.operator.rollout;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.irisoperator.operator.api.PinnedModel;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The state of a rollout: which revision the pods should be of, and what can be rolled back to.
 *
 * <p>ARCHITECTURE.md has a picture of the states. A transition that a state does not have leaves it
 * as it is.
 */
public sealed interface RolloutState {

  /** The revision that the pods should be of. */
  Revision current();

  /** The revision that was rolled back last, until it may be retried. */
  Optional<FailedRevision> failed();

  /** The first revision; there is nothing to roll back to. */
  record Initializing(Revision current, Optional<FailedRevision> failed) implements RolloutState {
    @Override
    public RolloutState update(UnaryOperator<Revision> change) {
      return new Initializing(change.apply(current), failed);
    }

    @Override
    public RolloutState clearFailure() {
      return new Initializing(current, Optional.empty());
    }

    @Override
    public RolloutState markAvailable(Instant now) {
      return new Stable(current, now, failed);
    }
  }

  /** All pods are of the current revision, and it has passed its analysis. */
  record Stable(Revision current, Instant availableSince, Optional<FailedRevision> failed)
      implements RolloutState {
    @Override
    public RolloutState update(UnaryOperator<Revision> change) {
      return new Stable(change.apply(current), availableSince, failed);
    }

    @Override
    public RolloutState clearFailure() {
      return new Stable(current, availableSince, Optional.empty());
    }

    @Override
    public Optional<Revision> lastAvailable() {
      return Optional.of(current);
    }
  }

  /** Pods of the stable revision are being replaced by pods of the current one. */
  record Progressing(Revision current, Revision stable, Optional<FailedRevision> failed)
      implements RolloutState {
    @Override
    public RolloutState update(UnaryOperator<Revision> change) {
      return new Progressing(change.apply(current), stable, failed);
    }

    @Override
    public RolloutState clearFailure() {
      return new Progressing(current, stable, Optional.empty());
    }

    @Override
    public RolloutState markAvailable(Instant now) {
      return new Analyzing(current, stable, now, 0, failed);
    }

    @Override
    public Optional<Revision> rollbackTarget() {
      return Optional.of(stable);
    }

    @Override
    public Optional<Revision> lastAvailable() {
      return Optional.of(stable);
    }
  }

  /**
   * All pods are of the current revision, and their metrics are analyzed.
   *
   * @param failedWindows how many windows in a row exceeded a limit
   */
  record Analyzing(
      Revision current,
      Revision stable,
      Instant availableSince,
      int failedWindows,
      Optional<FailedRevision> failed)
      implements RolloutState {
    @Override
    public RolloutState update(UnaryOperator<Revision> change) {
      return new Analyzing(change.apply(current), stable, availableSince, failedWindows, failed);
    }

    @Override
    public RolloutState clearFailure() {
      return new Analyzing(current, stable, availableSince, failedWindows, Optional.empty());
    }

    /** The same after another window of requests. */
    public Analyzing afterWindow(boolean exceedsLimit) {
      return new Analyzing(
          current, stable, availableSince, exceedsLimit ? failedWindows + 1 : 0, failed);
    }

    /** The analysis has passed. */
    public RolloutState promote() {
      return new Stable(current, availableSince, failed);
    }

    @Override
    public Optional<Revision> rollbackTarget() {
      return Optional.of(stable);
    }

    @Override
    public Optional<Revision> lastAvailable() {
      return Optional.of(current);
    }
  }

  /** Pods of a failed revision are being replaced by pods of the stable one, now the current. */
  record RollingBack(Revision current, Optional<FailedRevision> failed) implements RolloutState {
    @Override
    public RolloutState update(UnaryOperator<Revision> change) {
      return new RollingBack(change.apply(current), failed);
    }

    @Override
    public RolloutState clearFailure() {
      return new RollingBack(current, Optional.empty());
    }

    @Override
    public RolloutState markAvailable(Instant now) {
      return new Stable(current, now, failed);
    }

    @Override
    public Optional<Revision> lastAvailable() {
      return Optional.of(current);
    }
  }

  /** The state of a Deployment that is to be created. */
  static RolloutState initial(Revision revision) {
    return new Initializing(revision, Optional.empty());
  }

  /** The same state with another form of the current revision. */
  RolloutState update(UnaryOperator<Revision> change);

  /** The same with a fresher description of the current model. */
  default RolloutState withModel(PinnedModel model) {
    return update(revision -> revision.withModel(model));
  }

  /** The same with the template that was generated for the current revision. */
  default RolloutState withTemplate(PodTemplateSpec template) {
    return update(revision -> revision.withTemplate(template));
  }

  /** The failed revision may be retried. */
  RolloutState clearFailure();

  /** All pods are of the current revision and ready. */
  default RolloutState markAvailable(Instant now) {
    return this;
  }

  /**
   * Rolls back to the previous revision.
   *
   * @param reason empty if the revision may be retried
   */
  default RolloutState rollBack(Instant now, Optional<FailedRevision> reason) {
    return rollbackTarget()
        .<RolloutState>map(target -> new RollingBack(target.since(now), reason.or(this::failed)))
        .orElse(this);
  }

  /**
   * Starts a rollout of another revision. The one that was available last can be rolled back to.
   */
  default RolloutState start(Revision next) {
    return lastAvailable()
        .<RolloutState>map(
            stable ->
                stable.id().equals(next.id())
                    ? new RollingBack(
                        stable.withModel(next.model()).since(next.since()), Optional.empty())
                    : new Progressing(next, stable, Optional.empty()))
        .orElseGet(() -> initial(next));
  }

  /** The revision that this rollout can be rolled back to. */
  default Optional<Revision> rollbackTarget() {
    return Optional.empty();
  }

  /** The last revision of which all pods were ready; pods of it may still serve. */
  default Optional<Revision> lastAvailable() {
    return Optional.empty();
  }

  /** Whether nothing more happens by itself. */
  default boolean isStable() {
    return this instanceof Stable;
  }
}
