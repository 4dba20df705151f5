package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus.Model;
import io.irisoperator.operator.api.IrisModelStatus.Served;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.observe.DeploymentState;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.Resolution.Unresolved;
import io.irisoperator.operator.rollout.Fingerprint;
import io.irisoperator.operator.rollout.Rejected;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.StoredModel;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/** Which revision the pods should be of: on to what is asked for, or back to what served before. */
record RolloutDecider(Observation observation) {

  /**
   * Where the pods are so far. The Deployment knows; where it is gone or robbed of that, the last
   * status does, and the history what to go back to; from a model that all pods served there is
   * nothing to go back to.
   */
  Optional<Rollout> before() {
    return observation
        .deployment()
        .flatMap(DeploymentState::rollout)
        .or(
            () ->
                Optional.ofNullable(observation.status().model())
                    .map(
                        model ->
                            new Rollout(
                                revision(model),
                                Optional.empty(),
                                servedBefore(model)
                                    .filter(before -> !wasReady())
                                    .map(this::revision),
                                rejectedByStatus())));
  }

  private Optional<Model> servedBefore(Model model) {
    return observation.status().history().stream()
        .filter(served -> !Decider.samePin(model, served.model()))
        .filter(served -> !served.ended().startsWith(Decider.ROLLED_BACK))
        .map(Served::model)
        .findFirst();
  }

  private boolean wasReady() {
    return Conditions.of(observation.status().conditions(), ConditionType.READY)
        .filter(ready -> ready.getStatus().equals("True"))
        .isPresent();
  }

  /** Its model is what the source leads to or, with MLflow away, the history's. */
  private Optional<Rejected> rejectedByStatus() {
    return Optional.ofNullable(observation.status().rejected())
        .flatMap(
            r ->
                Stream.concat(
                        resolved().stream(),
                        observation.status().history().stream().map(Served::model))
                    .filter(model -> isOf(model, r.runId(), r.digest()))
                    .findFirst()
                    .map(
                        model ->
                            new Rejected(revision(model).id(), spec(), model, r.message(), now())));
  }

  private static boolean isOf(Model model, String runId, String digest) {
    return model.runId().equals(runId) && model.digest().equals(digest);
  }

  /** Where the pods should be; nothing while there never was a model. */
  Optional<Rollout> after() {
    Optional<Rollout> before = before();
    Optional<Model> asked = resolved().or(() -> before.map(b -> b.current().model()));
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    Revision next = revision(asked.get());
    if (before.isEmpty()) {
      return Optional.of(Rollout.first(next));
    }
    Rollout rollout = before.get();
    if (resolved().isPresent() && isForgiven(rollout, next)) {
      rollout = rollout.forgiving();
    }
    if (rollout.current().id().equals(next.id())) {
      return Optional.of(judged(rollout.with(asked.get())));
    }
    boolean rejected = rollout.rejected().filter(r -> r.id().equals(next.id())).isPresent();
    // Without pods there is no telling whether they would get ready: with the first one.
    boolean untried = observation.spec().serving().replicas() == 0;
    if (rejected || untried || corrupt(asked.get()).isPresent() || isHeld()) {
      return Optional.of(judged(rollout));
    }
    return Optional.of(rollout.to(next));
  }

  /**
   * Whether pods that serve are not to end now: a node that has not heard of it yet would go on
   * sending requests to them. Who goes back by hand has reasons not to wait.
   */
  private boolean isHeld() {
    return observation.now().isBefore(observation.steadyFrom())
        && observation.deployment().filter(d -> d.ready() > 0).isPresent()
        && observation.spec().rollout().rollbackTo() == null;
  }

  /** What is asked for and there, and waits until the nodes are sure to have heard of it. */
  Optional<Model> held(Rollout after) {
    return resolved()
        .or(() -> Optional.of(after.current().model()))
        .filter(asked -> isHeld() && !revision(asked).id().equals(after.current().id()));
  }

  /** What was rejected gets its next chance once the source has led elsewhere, or the spec has. */
  private boolean isForgiven(Rollout rollout, Revision next) {
    return rollout
        .rejected()
        .filter(r -> !r.id().equals(next.id()) || !r.spec().equals(spec()))
        .isPresent();
  }

  /** On the way: through, proven, or back. */
  private Rollout judged(Rollout rollout) {
    if (rollout.canGoBack()) {
      if (corrupt(rollout.current().model()).isPresent() && rollout.complete().isEmpty()) {
        return rollout.back(now(), Optional.empty());
      }
      Optional<String> failure = failure(rollout);
      if (failure.isPresent()) {
        return rollout.back(now(), Optional.of(rejected(rollout, failure.get())));
      }
    }
    if (rollout.complete().isEmpty()) {
      int wanted = observation.spec().serving().replicas();
      boolean serves =
          wanted > 0
              && observation
                  .deployment()
                  .filter(d -> d.rolledOut() && d.ready() >= wanted)
                  .isPresent();
      return serves ? rollout.completed(now()) : rollout;
    }
    boolean watched =
        rollout
            .complete()
            .map(since -> since.plus(observation.spec().rollout().analysis().time()))
            .filter(until -> observation.now().isBefore(until))
            .isPresent();
    return rollout.canGoBack() && !watched ? rollout.proven() : rollout;
  }

  private Optional<String> failure(Rollout rollout) {
    Optional<String> stuck =
        observation
            .deployment()
            .flatMap(DeploymentState::stuck)
            .filter(s -> rollout.complete().isEmpty())
            .map(
                s ->
                    "its pods were not ready within %d s%s"
                        .formatted(
                            observation.spec().rollout().progressDeadlineSeconds(),
                            observation.pods().waiting().map(why -> ": " + why).orElse("")));
    Optional<String> unfit = observation.pods().unfit().filter(why -> !isWantedByHand(rollout));
    return Stream.of(observation.pods().crashing(), stuck, unfit)
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** Whether a person has gone back to this model: it is not for metrics to undo that. */
  private boolean isWantedByHand(Rollout rollout) {
    return observation.spec().rollout().rollbackTo() != null
        && rollout
            .stable()
            .filter(before -> !Decider.samePin(before.model(), rollout.current().model()))
            .isPresent();
  }

  private Rejected rejected(Rollout rollout, String why) {
    return new Rejected(rollout.current().id(), spec(), rollout.current().model(), why, now());
  }

  Optional<Model> resolved() {
    return observation.resolution() instanceof Resolved(Model model, var _)
        ? Optional.of(model)
        : Optional.empty();
  }

  /** The revision that was asked for and gone back from, while it is asked for. */
  Optional<Rejected> rejected(Optional<Rollout> rollout) {
    // MLflow away is no word of the source: what was rejected is still what is asked for.
    if (observation.resolution() instanceof Unresolved(Reason reason, String _)
        && reason == Reason.MLFLOW_UNREACHABLE) {
      return rollout.flatMap(Rollout::rejected).filter(r -> r.spec().equals(spec()));
    }
    return resolved()
        .flatMap(
            model ->
                rollout
                    .flatMap(Rollout::rejected)
                    .filter(r -> r.id().equals(revision(model).id())));
  }

  /** The cluster's copy of a model, where it is not what it should be. */
  Optional<StoredModel> corrupt(Model model) {
    return Optional.ofNullable(observation.stored().get(model.digest()))
        .filter(copy -> copy.found().isPresent());
  }

  private Revision revision(Model model) {
    return new Revision(
        Revision.id(model, observation.spec().serving()), model, now(), Optional.empty());
  }

  /** What was asked for; a change of it is another chance. The number of pods is not part of it. */
  private String spec() {
    IrisModelSpec spec = observation.spec();
    return Fingerprint.of(
        spec.mlflow(), spec.model(), Revision.ofPods(spec.serving()), spec.rollout());
  }

  private Instant now() {
    return observation.now().truncatedTo(ChronoUnit.SECONDS);
  }
}
