package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import java.util.List;
import java.util.Optional;

/**
 * What should be.
 *
 * @param spec with its defaults
 * @param serve the model that the pods are pinned to; nothing where there never was one
 * @param train the Job to create
 * @param status what to tell
 * @param events what has changed
 */
public record Decision(
    IrisModelSpec spec,
    Optional<IrisModelStatus.Model> serve,
    Optional<Train> train,
    IrisModelStatus status,
    List<Note> events) {
  public Decision {
    events = List.copyOf(events);
  }

  /** A training Job that is to be there. */
  public record Train(String job, String request) {}

  /** Something to tell in an Event. */
  public record Note(boolean warning, Reason reason, String message) {}
}
