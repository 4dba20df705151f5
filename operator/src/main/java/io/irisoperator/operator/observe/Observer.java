package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.contract.TrainingDefaults;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.rollout.Rejected;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.ModelStore;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Gathers what is decided on. */
public final class Observer {
  private final ModelSource source;
  private final ModelStore store;
  private final ServingPods pods;
  private final Trainings trainings;
  private final URI defaultTrackingUri;
  private final boolean canTrain;
  private final Supplier<Instant> steadyFrom;
  private final Clock clock;

  /**
   * An observer.
   *
   * @param canTrain whether there is a trainer
   * @param steadyFrom until then nodes may not hear the API server
   */
  public Observer(
      ModelSource source,
      ModelStore store,
      ServingPods pods,
      KubernetesClient client,
      URI defaultTrackingUri,
      boolean canTrain,
      Supplier<Instant> steadyFrom,
      Clock clock) {
    this.source = source;
    this.store = store;
    this.pods = pods;
    this.trainings = new Trainings(source, client);
    this.defaultTrackingUri = defaultTrackingUri;
    this.canTrain = canTrain;
    this.steadyFrom = steadyFrom;
    this.clock = clock;
  }

  /** Observes a resource, with the dependents that the caches hold. */
  public Observation observe(
      IrisModel resource, Optional<Deployment> deployment, Collection<Job> jobs) {
    IrisModelSpec spec = resource.getSpec().orDefault();
    IrisModelStatus status =
        Optional.ofNullable(resource.getStatus()).orElseGet(IrisModelStatus::none);
    URI trackingUri = trackingUri(spec);
    Instant now = clock.instant();
    ScheduleState schedule =
        ScheduleState.of(spec.training(), Optional.ofNullable(status.schedule()), now);
    Optional<DeploymentState> state = deployment.map(DeploymentState::of);
    Optional<Rollout> rollout = state.flatMap(DeploymentState::rollout);
    Map<String, StoredModel> stored = store.list(resource);
    return new Observation(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        resource.getMetadata().getGeneration(),
        spec,
        status,
        trackingUri,
        Optional.ofNullable(spec.rollout().rollbackTo())
            .map(to -> ofHistory(to, status, rollout))
            .orElseGet(
                () ->
                    source.resolve(
                        trackingUri, spec.model(), stored, rollout.map(r -> r.current().model()))),
        stored,
        state,
        state.map(s -> pods(resource, spec, s)).orElse(PodsState.WELL),
        trainings.state(
            resource, spec, trackingUri, RetrainRequest.of(resource), status.training(), jobs),
        trainings.state(
            resource,
            spec,
            trackingUri,
            schedule.request(resource),
            status.scheduledTraining(),
            jobs),
        schedule,
        jobs.stream().map(TrainingJob::of).toList(),
        canTrain,
        steadyFrom.get(),
        now);
  }

  /** Only while something is going on: well pods have nothing to say. */
  private PodsState pods(IrisModel resource, IrisModelSpec spec, DeploymentState state) {
    Optional<Rollout> rollout = state.rollout();
    if (rollout.isEmpty()) {
      return PodsState.WELL;
    }
    boolean watched = rollout.get().complete().isPresent() && rollout.get().canGoBack();
    boolean settled =
        rollout.get().complete().isPresent()
            && !watched
            && state.ready() >= spec.serving().replicas();
    return settled
        ? PodsState.WELL
        : pods.look(
            resource,
            rollout.get().current(),
            watched ? Optional.of(spec.rollout().analysis()) : Optional.empty());
  }

  /** What a person wants to go back to: known from status, and stored in the cluster. */
  private static Resolution ofHistory(
      String rollbackTo, IrisModelStatus status, Optional<Rollout> rollout) {
    List<IrisModelStatus.Model> known =
        Stream.of(
                rollout.map(r -> r.current().model()).stream(),
                rollout.flatMap(Rollout::stable).map(Revision::model).stream(),
                rollout.flatMap(Rollout::rejected).map(Rejected::model).stream(),
                Optional.ofNullable(status.model()).stream(),
                status.history().stream().map(IrisModelStatus.Served::model))
            .flatMap(models -> models)
            .toList();
    return known.stream()
        .filter(m -> rollbackTo.equals(m.digest()) || rollbackTo.equals(m.runId()))
        .findFirst()
        .<Resolution>map(m -> new Resolution.Resolved(m, Optional.empty()))
        .orElseGet(
            () ->
                new Resolution.Unresolved(
                    Reason.NOT_IN_HISTORY,
                    "rollout.rollbackTo names %s, which was not served: name one of the runs %s, or their digests"
                        .formatted(
                            rollbackTo,
                            known.stream().map(IrisModelStatus.Model::runId).distinct().toList())));
  }

  /** The MLflow server that a resource names, or the operator's own. */
  private URI trackingUri(IrisModelSpec spec) {
    return Optional.ofNullable(spec.mlflow().trackingUri())
        .map(URI::create)
        .orElse(defaultTrackingUri);
  }

  /** The experiment that a resource's trainings log to. */
  public static String experiment(IrisModelSpec spec) {
    return Optional.ofNullable(spec.training().experiment())
        .or(() -> Optional.ofNullable(spec.model().latest()).map(l -> l.experiment()))
        .orElse(TrainingDefaults.EXPERIMENT);
  }
}
