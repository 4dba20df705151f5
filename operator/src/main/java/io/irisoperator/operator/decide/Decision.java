package io.irisoperator.operator.decide;

import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.StoredModel;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The desired state.
 *
 * @param rollout of the pods; empty until there is a model
 * @param copy the stored copy of the model to serve
 * @param newCopy a copy to create
 * @param copiesInUse the digests of the models whose copies are kept: what can be served without
 *     MLflow
 * @param train the training Job to create
 * @param obsoleteJobs Jobs to delete
 * @param attention how soon to decide again if nothing happens
 * @param status the status to write
 * @param events the Events to record
 */
public record Decision(
    IrisModelSpec spec,
    Optional<RolloutState> rollout,
    Optional<StoredModel> copy,
    Optional<NewCopy> newCopy,
    Set<String> copiesInUse,
    Optional<Train> train,
    List<String> obsoleteJobs,
    Attention attention,
    IrisModelStatus status,
    List<PendingEvent> events) {
  public Decision {
    copiesInUse = Set.copyOf(copiesInUse);
    obsoleteJobs = List.copyOf(obsoleteJobs);
    events = List.copyOf(events);
  }

  /** The model that the pods are to serve. */
  public Optional<PinnedModel> model() {
    return rollout.map(r -> r.current().model());
  }

  /** The same decision, of which something could not be applied: the next try is the next poll. */
  Decision failed(IrisModelStatus failedStatus, List<PendingEvent> failedEvents) {
    return new Decision(
        spec,
        rollout,
        copy,
        newCopy,
        copiesInUse,
        train,
        obsoleteJobs,
        Attention.WAITING,
        failedStatus,
        failedEvents);
  }

  /** How soon to decide again. */
  public enum Attention {
    /** Pods are rolled out, and their Deployment does not report everything. */
    ROLLING_OUT,
    /** Something is awaited that causes no event: a training, a retry, the end of a pause. */
    WAITING,
    /** Only an event can change something, or the next time that a training is due. */
    IDLE
  }

  /** A copy of a model to create in the cluster. */
  public record NewCopy(StoredModel model, ModelArchive archive) {}

  /** A training Job to create. */
  public record Train(String job, String request) {}

  /** An Event to record. */
  public record PendingEvent(boolean warning, Reason reason, String message) {}
}
