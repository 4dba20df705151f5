package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is decided on.
 *
 * @param namespace of the resource
 * @param name of the resource
 * @param generation of the resource
 * @param spec with its defaults
 * @param status as it was last written
 * @param trackingUri the MLflow server that the spec means
 * @param resolution the model that is asked for
 * @param stored models that the cluster has copies of, by digest
 * @param deployment of the pods that serve
 * @param pods how they are doing, while they are being changed
 * @param training what was asked for, and how far that is
 * @param scheduled the same for the schedule
 * @param schedule when that is due
 * @param jobs all training Jobs that are there
 * @param canTrain whether the operator has a trainer
 * @param steadyFrom until then nodes may not hear the API server, and send requests to pods that
 *     have ended
 * @param now for what changes
 */
public record Observation(
    String namespace,
    String name,
    long generation,
    IrisModelSpec spec,
    IrisModelStatus status,
    URI trackingUri,
    Resolution resolution,
    Map<String, StoredModel> stored,
    Optional<DeploymentState> deployment,
    PodsState pods,
    Optional<TrainingState> training,
    Optional<TrainingState> scheduled,
    ScheduleState schedule,
    List<TrainingJob> jobs,
    boolean canTrain,
    Instant steadyFrom,
    Instant now) {
  public Observation {
    stored = Map.copyOf(stored);
    jobs = List.copyOf(jobs);
  }
}
