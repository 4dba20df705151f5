package io.irisoperator.operator.decide;

import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.FailedRollout;
import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.decide.Decision.Attention;
import io.irisoperator.operator.decide.Decision.NewCopy;
import io.irisoperator.operator.decide.conditions.Conditions;
import io.irisoperator.operator.decide.conditions.Situation;
import io.irisoperator.operator.rollout.FailedRevision;
import io.irisoperator.operator.rollout.PortsInUse;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.StoredModel;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** From the observed to the desired state. Pure: the same observation gives the same decision. */
public final class Decider {
  private Decider() {}

  /** Decides. */
  public static Decision decide(Observation o) {
    RolloutDecider rollouts = new RolloutDecider(o);
    Optional<RolloutState> before = rollouts.before();
    Optional<RolloutState> after = rollouts.after();
    TrainingDecider trainings = new TrainingDecider(o);
    Optional<PinnedModel> model = after.map(r -> r.current().model());
    IrisModelStatus status =
        new IrisModelStatus(
            o.resource().generation(),
            Conditions.of(situation(o, rollouts, trainings, after)),
            model.orElse(null),
            url(o, after),
            o.deployment().map(DeploymentState::replicas).orElse(0),
            o.deployment().map(DeploymentState::ready).orElse(0),
            Labels.selector(o.resource().name(), Component.MODEL_SERVER),
            trainings.status(),
            o.trainings().schedule().inEffect().orElse(null),
            ServingHistory.of(o, before, after),
            rollouts.failed(after).map(Decider::toStatus).orElse(null));
    Optional<NewCopy> newCopy = newCopy(o, rollouts.resolution());
    return new Decision(
        o.spec(),
        after,
        model.flatMap(m -> copy(o, newCopy, m)),
        newCopy,
        copiesInUse(rollouts.resolution(), after, status),
        trainings.train(),
        trainings.jobsToDelete(),
        attention(o, rollouts, trainings, after),
        status,
        ConditionEvents.between(o.status(), status));
  }

  private static Situation situation(
      Observation o,
      RolloutDecider rollouts,
      TrainingDecider trainings,
      Optional<RolloutState> after) {
    return new Situation(
        o,
        rollouts.resolution(),
        rollouts.before(),
        after,
        rollouts.failed(after),
        after.flatMap(rollouts::pausedModel),
        rollouts.resolved().flatMap(rollouts::corrupt),
        after.flatMap(a -> rollouts.corrupt(a.current().model())),
        rollouts.pods().notReady(),
        trainings.mostRelevant(),
        trainings.mostRelevant().map(trainings::message).orElse(""));
  }

  private static String url(Observation o, Optional<RolloutState> after) {
    boolean tls = PortsInUse.ofServing(o.spec().serving(), after).contains(ModelServerPorts.HTTPS);
    return "%s://%s.%s.svc"
        .formatted(tls ? "https" : "http", o.resource().name(), o.resource().namespace());
  }

  private static Attention attention(
      Observation o,
      RolloutDecider rollouts,
      TrainingDecider trainings,
      Optional<RolloutState> rollout) {
    int replicas = o.spec().serving().replicas();
    boolean exceeded = o.deployment().flatMap(DeploymentState::deadlineExceeded).isPresent();
    boolean settled =
        rollout.isEmpty()
            || rollout.get().isStable()
            || replicas == 0
            || (exceeded && rollout.get().rollbackTarget().isEmpty());
    if (!settled) {
      return Attention.ROLLING_OUT;
    }
    boolean waiting =
        trainings.isAnyActive()
            || rollout.flatMap(rollouts::pausedModel).isPresent()
            || (replicas > 0
                && o.deployment().filter(d -> d.needsPodInspection(replicas)).isPresent());
    return waiting ? Attention.WAITING : Attention.IDLE;
  }

  /**
   * The same decision, of which something could not be applied.
   *
   * @param podsToo whether that is the Deployment, so that its pods are what they were
   */
  public static Decision failed(Observation o, Decision decision, String message, boolean podsToo) {
    IrisModelStatus s = decision.status();
    IrisModelStatus status =
        new IrisModelStatus(
            s.observedGeneration(),
            Conditions.withApplyFailure(o, s.conditions(), message, podsToo),
            podsToo ? o.status().model() : s.model(),
            s.url(),
            s.replicas(),
            s.readyReplicas(),
            s.selector(),
            s.trainings(),
            s.schedule(),
            podsToo ? o.status().history() : s.history(),
            podsToo ? o.status().failedRollout() : s.failedRollout());
    return decision.failed(status, ConditionEvents.between(o.status(), status));
  }

  private static FailedRollout toStatus(FailedRevision failed) {
    return new FailedRollout(
        failed.model().runId(),
        failed.model().digest(),
        failed.message(),
        Conditions.time(failed.time()));
  }

  /** A model that was read from MLflow is stored in the cluster before pods are created for it. */
  private static Optional<NewCopy> newCopy(Observation o, Resolution resolution) {
    if (resolution instanceof Resolved(PinnedModel model, var archive)
        && !o.stored().containsKey(model.digest())) {
      return archive.map(a -> new NewCopy(StoredModel.of(model.digest(), a), a));
    }
    return Optional.empty();
  }

  private static Optional<StoredModel> copy(
      Observation o, Optional<NewCopy> newCopy, PinnedModel model) {
    return newCopy
        .map(NewCopy::model)
        .filter(c -> c.digest().equals(model.digest()))
        .or(() -> Optional.ofNullable(o.stored().get(model.digest())));
  }

  /**
   * What can be served without MLflow: the current model, the one to roll back to, the selected one
   * and the previous one. The rest of the history is kept by reference.
   */
  private static Set<String> copiesInUse(
      Resolution resolution, Optional<RolloutState> rollout, IrisModelStatus status) {
    Set<String> digests = new HashSet<>();
    Stream.of(
            Optional.ofNullable(status.model()),
            rollout.map(r -> r.current().model()),
            rollout.flatMap(RolloutState::rollbackTarget).map(Revision::model),
            rollout.flatMap(RolloutState::failed).map(FailedRevision::model),
            status.history().stream().findFirst().map(HistoryEntry::model))
        .flatMap(Optional::stream)
        .forEach(model -> digests.add(model.digest()));
    if (resolution instanceof Resolved(PinnedModel model, var _)) {
      digests.add(model.digest());
    }
    return digests;
  }
}
