package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Gettable;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.source.MlflowServer;
import io.irisoperator.operator.source.TrainingRuns;
import io.irisoperator.operator.state.ResourceState;
import io.irisoperator.operator.state.ScheduleState;
import io.irisoperator.operator.state.TrainingFacts;
import io.irisoperator.operator.state.TrainingJob;
import io.irisoperator.operator.state.TrainingRequest;
import io.irisoperator.operator.state.TrainingsState;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads what is known about trainings: from status, their Jobs, their pods and MLflow. */
public final class TrainingObserver {
  private final TrainingRuns runs;
  private final KubernetesClient client;
  private final boolean trainerAvailable;

  /**
   * An observer.
   *
   * @param trainerAvailable whether the operator has a trainer image
   */
  public TrainingObserver(TrainingRuns runs, KubernetesClient client, boolean trainerAvailable) {
    this.runs = runs;
    this.client = client;
    this.trainerAvailable = trainerAvailable;
  }

  TrainingsState observe(
      IrisModel irisModel,
      ResourceState resource,
      MlflowServer server,
      Collection<Job> jobs,
      Instant now) {
    ScheduleState schedule =
        ScheduleState.of(
            resource.spec().training(), Optional.ofNullable(resource.status().schedule()), now);
    List<TrainingJob> states = jobs.stream().map(TrainingJob::of).toList();
    return new TrainingsState(
        Stream.of(
                current(TrainingTrigger.REQUEST, TrainingRequest.of(irisModel), resource, states),
                current(
                    TrainingTrigger.SCHEDULE,
                    schedule.due().map(due -> TrainingRequest.scheduled(irisModel, due)),
                    resource,
                    states))
            .flatMap(Optional::stream)
            .map(request -> facts(request, resource, server, states))
            .toList(),
        schedule,
        states,
        trainerAvailable);
  }

  /** The training whose Job has not finished yet, though another is requested; else the request. */
  private static Optional<TrainingRequest> current(
      TrainingTrigger trigger,
      Optional<TrainingRequest> requested,
      ResourceState resource,
      List<TrainingJob> jobs) {
    return resource
        .status()
        .training(trigger)
        .filter(t -> t.phase() != null && !t.phase().isFinal())
        .filter(t -> jobs.stream().anyMatch(job -> job.name().equals(t.job())))
        .map(t -> new TrainingRequest(trigger, t.request(), t.job()))
        .or(() -> requested);
  }

  private TrainingFacts facts(
      TrainingRequest request,
      ResourceState resource,
      MlflowServer server,
      List<TrainingJob> jobs) {
    TrainingFacts known = TrainingFacts.of(request, resource.status().training(request.trigger()));
    if (known.isReportedFinal()) {
      return known;
    }
    Optional<TrainingJob> job =
        jobs.stream().filter(j -> j.name().equals(request.job())).findFirst();
    if (job.isEmpty()) {
      return withFinishedRun(known, resource, server).withMissingData(missingData(resource));
    }
    TrainingFacts facts = known.withJob(job.get());
    if (!job.get().isFinished()) {
      // While a failed pod is retried, status keeps the run.
      boolean running =
          job.get().ready()
              || facts.reportedSame().filter(r -> r.phase() == TrainingPhase.RUNNING).isPresent();
      return running ? withRun(facts, resource, server) : facts;
    }
    Optional<String> message = terminationMessage(resource.namespace(), request.job());
    TrainingFacts finished =
        facts.withTermination(
            message,
            job.get().hasSucceeded()
                ? message.flatMap(TerminationMessage::read)
                : Optional.empty());
    return job.get().hasSucceeded() && finished.result().isEmpty()
        ? withFinishedRun(finished, resource, server)
        : finished;
  }

  private TrainingFacts withFinishedRun(
      TrainingFacts facts, ResourceState resource, MlflowServer server) {
    try {
      return facts.withRun(
          runs.finished(server, resource.spec().experiment(), facts.request().job()));
    } catch (MlflowException e) {
      return facts.withMlflowError(e.getMessage());
    }
  }

  /** The run in progress, for its number of trees and nothing more. */
  private TrainingFacts withRun(TrainingFacts facts, ResourceState resource, MlflowServer server) {
    try {
      return facts.withRun(runs.any(server, resource.spec().experiment(), facts.request().job()));
    } catch (MlflowException e) {
      return facts;
    }
  }

  /** A Job whose volume does not exist would wait silently. */
  private Optional<String> missingData(ResourceState resource) {
    return Optional.ofNullable(resource.spec().training().data())
        .flatMap(
            data ->
                missing(
                        "ConfigMap",
                        data.configMapName(),
                        "configMapName",
                        name ->
                            client.configMaps().inNamespace(resource.namespace()).withName(name))
                    .or(
                        () ->
                            missing(
                                "PersistentVolumeClaim",
                                data.persistentVolumeClaimName(),
                                "persistentVolumeClaimName",
                                name ->
                                    client
                                        .persistentVolumeClaims()
                                        .inNamespace(resource.namespace())
                                        .withName(name))));
  }

  private static Optional<String> missing(
      String kind, String name, String field, Function<String, Gettable<?>> find) {
    return Optional.ofNullable(name)
        .filter(n -> find.apply(n).get() == null)
        .map(n -> "%s %s (training.data.%s)".formatted(kind, n, field));
  }

  /** The message of the Job's last container: the trainer's result, or why there is none. */
  private Optional<String> terminationMessage(String namespace, String job) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel("batch.kubernetes.io/job-name", job)
        .list()
        .getItems()
        .stream()
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .map(container -> container.getState().getTerminated())
        .filter(terminated -> terminated != null && terminated.getMessage() != null)
        .max(Comparator.comparing(t -> Optional.ofNullable(t.getFinishedAt()).orElse("")))
        .map(t -> t.getMessage().strip())
        .filter(text -> !text.isEmpty());
  }
}
