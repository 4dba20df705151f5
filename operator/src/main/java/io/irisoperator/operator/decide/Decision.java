package io.irisoperator.operator.decide;

import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.StoredModel;
import java.util.List;
import java.util.Optional;

/**
 * What should be.
 *
 * @param spec with its defaults
 * @param rollout of the pods; nothing where there never was a model
 * @param copy the cluster's copy of the model that is served
 * @param store a model that is to be stored in the cluster
 * @param discard models that need not be stored any more
 * @param train the Job to create
 * @param discardJobs Jobs that need not be kept any more
 * @param settled whether the pods need not be looked at more often than MLflow
 * @param status what to tell
 * @param events what has changed
 */
public record Decision(
    IrisModelSpec spec,
    Optional<Rollout> rollout,
    Optional<StoredModel> copy,
    Optional<Store> store,
    List<StoredModel> discard,
    Optional<Train> train,
    List<String> discardJobs,
    boolean settled,
    IrisModelStatus status,
    List<Note> events) {
  public Decision {
    discard = List.copyOf(discard);
    discardJobs = List.copyOf(discardJobs);
    events = List.copyOf(events);
  }

  /** The model that the pods are to serve. */
  public Optional<IrisModelStatus.Model> serve() {
    return rollout.map(r -> r.current().model());
  }

  /** The same, told of in another way. */
  Decision with(IrisModelStatus otherStatus, List<Note> otherEvents) {
    return new Decision(
        spec, rollout, copy, store, discard, train, discardJobs, true, otherStatus, otherEvents);
  }

  /** A model and its files, for the cluster. */
  public record Store(StoredModel model, ModelFolder files) {}

  /** A training Job that is to be there. */
  public record Train(String job, String request) {}

  /** Something to tell in an Event. */
  public record Note(boolean warning, Reason reason, String message) {}
}
