package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.source.MlflowServer;
import io.irisoperator.operator.source.ModelQuery;
import io.irisoperator.operator.source.ModelResolver;
import io.irisoperator.operator.source.PinnedDigest;
import io.irisoperator.operator.source.SourcePoller;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.KnownModels;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Skipped;
import io.irisoperator.operator.state.ResourceState;
import io.irisoperator.operator.state.ServingState;
import io.irisoperator.operator.state.SourceState;
import io.irisoperator.operator.state.StoredModel;
import io.irisoperator.operator.store.ModelStore;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gathers everything that a decision depends on. It reads, and judges nothing. */
public final class Observer {
  private final SourcePoller poller;
  private final ModelResolver resolver;
  private final ModelStore store;
  private final PodObserver pods;
  private final TrainingObserver trainings;
  private final URI operatorTrackingUri;
  private final Supplier<Instant> rolloutsPausedUntil;
  private final Clock clock;

  public Observer(
      SourcePoller poller,
      ModelResolver resolver,
      ModelStore store,
      PodObserver pods,
      TrainingObserver trainings,
      URI operatorTrackingUri,
      Supplier<Instant> rolloutsPausedUntil,
      Clock clock) {
    this.poller = poller;
    this.resolver = resolver;
    this.store = store;
    this.pods = pods;
    this.trainings = trainings;
    this.operatorTrackingUri = operatorTrackingUri;
    this.rolloutsPausedUntil = rolloutsPausedUntil;
    this.clock = clock;
  }

  /**
   * Observes a resource, with the dependents that the caches hold; empty as long as MLflow has not
   * answered.
   */
  public Optional<Observation> observe(
      IrisModel irisModel, Optional<Deployment> deployment, Collection<Job> jobs) {
    ResourceState resource = ResourceState.of(irisModel);
    Instant now = clock.instant();
    Optional<DeploymentState> state = deployment.map(DeploymentState::of);
    MlflowServer server =
        MlflowServer.of(resource.namespace(), resource.spec(), operatorTrackingUri);
    return source(
            ResourceID.fromResource(irisModel),
            resource,
            server,
            state.flatMap(DeploymentState::rollout))
        .map(
            source ->
                new Observation(
                    resource,
                    source,
                    state
                        .map(s -> pods.observe(irisModel, resource.spec(), s))
                        .orElse(ServingState.NONE),
                    trainings.observe(irisModel, resource, server, jobs, now),
                    rolloutsPausedUntil.get(),
                    now));
  }

  private Optional<SourceState> source(
      ResourceID id, ResourceState resource, MlflowServer server, Optional<RolloutState> rollout) {
    KnownModels known = KnownModels.of(resource.status(), rollout);
    Predicate<String> isStored = digest -> store.find(resource.namespace(), digest).isPresent();
    String rollbackTo = resource.spec().rollout().rollbackTo();
    Optional<Resolution> resolution;
    if (rollbackTo == null) {
      ModelQuery query = new ModelQuery(server, resource.spec().model(), isStored, known);
      resolution = poller.answer(id, query);
      if (resolution.filter(r -> lacksBytes(r, isStored)).isPresent()) {
        poller.askAgain(id);
        return Optional.empty();
      }
    } else {
      poller.leave(id);
      resolution =
          Optional.of(
              new Skipped(
                  known
                      .find(rollbackTo)
                      .filter(model -> !isStored.test(model.digest()))
                      .flatMap(model -> resolver.download(server, model))));
    }
    return resolution
        .map(r -> PinnedDigest.check(r, rollout.map(state -> state.current().model())))
        .map(r -> new SourceState(server.trackingUri(), r, stored(resource.namespace(), known, r)));
  }

  /** The copy was deleted, and MLflow was last asked before. */
  private static boolean lacksBytes(Resolution resolution, Predicate<String> isStored) {
    return resolution instanceof Resolved(PinnedModel model, var archive)
        && archive.isEmpty()
        && !isStored.test(model.digest());
  }

  private Map<String, StoredModel> stored(
      String namespace, KnownModels known, Resolution resolution) {
    Stream<PinnedModel> selected =
        resolution instanceof Resolved(PinnedModel model, var _)
            ? Stream.of(model)
            : Stream.empty();
    return Stream.concat(known.models().stream(), selected)
        .map(PinnedModel::digest)
        .distinct()
        .flatMap(digest -> store.find(namespace, digest).stream())
        .collect(Collectors.toMap(StoredModel::digest, Function.identity()));
  }
}
