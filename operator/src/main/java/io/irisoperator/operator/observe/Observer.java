package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.source.MlflowServer;
import io.irisoperator.operator.source.ModelQuery;
import io.irisoperator.operator.source.ModelResolver;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Skipped;
import io.irisoperator.operator.state.ResourceState;
import io.irisoperator.operator.state.ServingState;
import io.irisoperator.operator.state.SourceState;
import io.irisoperator.operator.state.StoredModel;
import io.irisoperator.operator.store.ModelStore;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Gathers everything that a decision depends on. It reads, and judges nothing. */
public final class Observer {
  private final ModelResolver resolver;
  private final ModelStore store;
  private final PodObserver pods;
  private final TrainingObserver trainings;
  private final URI operatorTrackingUri;
  private final Supplier<Instant> rolloutsPausedUntil;
  private final Clock clock;

  public Observer(
      ModelResolver resolver,
      ModelStore store,
      PodObserver pods,
      TrainingObserver trainings,
      URI operatorTrackingUri,
      Supplier<Instant> rolloutsPausedUntil,
      Clock clock) {
    this.resolver = resolver;
    this.store = store;
    this.pods = pods;
    this.trainings = trainings;
    this.operatorTrackingUri = operatorTrackingUri;
    this.rolloutsPausedUntil = rolloutsPausedUntil;
    this.clock = clock;
  }

  /** Observes a resource, with the dependents that the caches hold. */
  public Observation observe(
      IrisModel irisModel, Optional<Deployment> deployment, Collection<Job> jobs) {
    ResourceState resource = ResourceState.of(irisModel);
    Instant now = clock.instant();
    Optional<DeploymentState> state = deployment.map(DeploymentState::of);
    MlflowServer server =
        MlflowServer.of(resource.namespace(), resource.spec(), operatorTrackingUri);
    SourceState source =
        source(irisModel, resource, server, state.flatMap(DeploymentState::rollout));
    return new Observation(
        resource,
        source,
        state.map(s -> pods.observe(irisModel, resource.spec(), s)).orElse(ServingState.NONE),
        trainings.observe(irisModel, resource, server, jobs, now),
        rolloutsPausedUntil.get(),
        now);
  }

  private SourceState source(
      IrisModel irisModel,
      ResourceState resource,
      MlflowServer server,
      Optional<RolloutState> rollout) {
    Map<String, StoredModel> stored = store.list(irisModel);
    Resolution resolution =
        resource.spec().rollout().rollbackTo() == null
            ? resolver.resolve(
                new ModelQuery(
                    server, resource.spec().model(), stored, rollout.map(r -> r.current().model())))
            : new Skipped();
    return new SourceState(server.trackingUri(), resolution, stored);
  }
}
