package io.irisoperator.operator.decide;

import static io.irisoperator.operator.api.ConditionType.AVAILABLE;
import static io.irisoperator.operator.api.ConditionType.DEGRADED;
import static io.irisoperator.operator.api.ConditionType.MODEL_RESOLVED;
import static io.irisoperator.operator.api.ConditionType.READY;
import static io.irisoperator.operator.api.ConditionType.TRAINING;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.decide.Decision.Store;
import io.irisoperator.operator.observe.DeploymentState;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.rollout.Rejected;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.rollout.ServingPorts;
import io.irisoperator.operator.store.StoredModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From what is to what should be. Pure: the same observation gives the same decision. */
public final class Decider {
  /** How the end of a model begins that was gone back from. */
  static final String ROLLED_BACK = "rolled back";

  private static final int HISTORY = 10;

  private Decider() {}

  /** Decides. */
  public static Decision decide(Observation o) {
    RolloutDecider decider = new RolloutDecider(o);
    Optional<Rollout> before = decider.before();
    Optional<Rollout> after = decider.after();
    Optional<IrisModelStatus.Model> serve = after.map(r -> r.current().model());
    TrainingDecider trainings = new TrainingDecider(o);
    Verdicts verdicts = new Verdicts(o, decider, trainings, before, after);
    Conditions conditions = new Conditions(o.status().conditions(), o.generation(), o.now());
    List<Condition> updated =
        List.of(
            conditions.update(READY, verdicts.ready()),
            conditions.update(MODEL_RESOLVED, verdicts.modelResolved()),
            conditions.update(AVAILABLE, verdicts.available()),
            conditions.update(TRAINING, verdicts.training()),
            conditions.update(DEGRADED, verdicts.degraded()));
    IrisModelStatus status =
        new IrisModelStatus(
            o.generation(),
            updated,
            serve.orElse(null),
            "%s://%s.%s.svc"
                .formatted(
                    ServingPorts.served(o.spec().serving(), after).contains(ModelServerPorts.HTTPS)
                        ? "https"
                        : "http",
                    o.name(),
                    o.namespace()),
            o.deployment().map(DeploymentState::replicas).orElse(0),
            o.deployment().map(DeploymentState::ready).orElse(0),
            Labels.selector(o.name(), Component.MODEL_SERVER),
            trainings.told(o.training(), o.status().training()).orElse(null),
            trainings.told(o.scheduled(), o.status().scheduledTraining()).orElse(null),
            o.schedule().followed().orElse(null),
            history(o, before, after),
            decider.rejected(after).map(Decider::told).orElse(null));
    Optional<Store> store = store(o);
    return new Decision(
        o.spec(),
        after,
        serve.flatMap(
            model ->
                store
                    .map(Store::model)
                    .filter(s -> s.digest().equals(model.digest()))
                    .or(() -> Optional.ofNullable(o.stored().get(model.digest())))),
        store,
        discard(o, after, status),
        trainings.train(),
        trainings.discard(),
        isSettled(o, after),
        status,
        Transitions.between(o.status(), status));
  }

  /** Whether no more is to come of the pods by themselves. */
  private static boolean isSettled(Observation o, Optional<Rollout> rollout) {
    boolean onTheWay = rollout.filter(r -> r.complete().isEmpty() || r.canGoBack()).isPresent();
    boolean stuck = o.deployment().flatMap(DeploymentState::stuck).isPresent();
    return !onTheWay || o.spec().serving().replicas() == 0 || (stuck && !rollout.get().canGoBack());
  }

  /**
   * The same decision where something could not be applied.
   *
   * @param podsToo whether that is the Deployment, so that its pods are what they were
   */
  public static Decision failed(Observation o, Decision decision, String message, boolean podsToo) {
    Conditions conditions = new Conditions(o.status().conditions(), o.generation(), o.now());
    Verdict failure = new Verdict(true, Reason.APPLY_FAILED, message);
    List<Condition> updated = new ArrayList<>(decision.status().conditions());
    updated.replaceAll(
        c -> c.getType().equals(DEGRADED.toString()) ? conditions.update(DEGRADED, failure) : c);
    IrisModelStatus s = decision.status();
    IrisModelStatus status =
        new IrisModelStatus(
            s.observedGeneration(),
            updated,
            podsToo ? o.status().model() : s.model(),
            s.url(),
            s.replicas(),
            s.readyReplicas(),
            s.selector(),
            s.training(),
            s.scheduledTraining(),
            s.schedule(),
            podsToo ? o.status().history() : s.history(),
            s.rejected());
    return decision.with(status, Transitions.between(o.status(), status));
  }

  private static IrisModelStatus.Rejected told(Rejected rejected) {
    return new IrisModelStatus.Rejected(
        rejected.model().runId(),
        rejected.model().digest(),
        rejected.message(),
        Conditions.time(rejected.time()));
  }

  /** What was read from MLflow goes into the cluster before pods are made for it. */
  private static Optional<Store> store(Observation o) {
    if (o.resolution() instanceof Resolved(IrisModelStatus.Model model, var files)
        && !o.stored().containsKey(model.digest())) {
      return files.map(f -> new Store(StoredModel.of(o.name(), model, f), f));
    }
    return Optional.empty();
  }

  /** What is neither served, nor gone back to, nor asked for, nor in the history. */
  private static List<StoredModel> discard(
      Observation o, Optional<Rollout> rollout, IrisModelStatus status) {
    if (rollout.isEmpty()) {
      return List.of();
    }
    Set<String> kept = new HashSet<>();
    kept.add(rollout.get().current().model().digest());
    rollout.get().stable().ifPresent(r -> kept.add(r.model().digest()));
    rollout.get().rejected().ifPresent(r -> kept.add(r.model().digest()));
    if (o.resolution() instanceof Resolved(IrisModelStatus.Model model, var _)) {
      kept.add(model.digest());
    }
    status.history().forEach(served -> kept.add(served.model().digest()));
    return o.stored().values().stream()
        .filter(copy -> !kept.contains(copy.digest()))
        .sorted(Comparator.comparing(StoredModel::digest))
        .toList();
  }

  /**
   * Compares with what status told last, not with the Deployment: a cache that still holds the
   * status before a change but the Deployment after it must come to the same history.
   */
  private static List<IrisModelStatus.Served> history(
      Observation o, Optional<Rollout> before, Optional<Rollout> after) {
    List<IrisModelStatus.Served> history = o.status().history();
    Optional<IrisModelStatus.Model> told =
        Optional.ofNullable(o.status().model()).or(() -> before.map(b -> b.current().model()));
    if (told.isEmpty() || after.isEmpty()) {
      return history;
    }
    Rollout rollout = after.get();
    if (samePin(told.get(), rollout.current().model())) {
      return history;
    }
    List<IrisModelStatus.Served> longer = new ArrayList<>();
    longer.add(
        new IrisModelStatus.Served(
            told.get(),
            before
                .map(Rollout::current)
                .filter(r -> samePin(r.model(), told.get()))
                .map(r -> Conditions.time(r.since()))
                // Where a cache lags, the Deployment is a step ahead: it began when the last one
                // ended.
                .or(() -> history.stream().findFirst().map(IrisModelStatus.Served::until))
                .orElse(null),
            Conditions.time(o.now()),
            ended(o, told.get(), rollout)));
    longer.addAll(history);
    return longer.subList(0, Math.min(longer.size(), HISTORY));
  }

  private static String ended(Observation o, IrisModelStatus.Model model, Rollout rollout) {
    String run = rollout.current().model().runId();
    return rollout
        .rejected()
        .filter(r -> samePin(r.model(), model))
        .map(r -> ROLLED_BACK + " to run " + run + ": " + r.message())
        .orElseGet(
            () ->
                o.spec().rollout().rollbackTo() == null
                    ? "replaced by run " + run
                    : "rollout.rollbackTo asked for run " + run);
  }

  /** Whether pods of one are pods of the other. */
  static boolean samePin(IrisModelStatus.Model one, IrisModelStatus.Model other) {
    return one.runId().equals(other.runId()) && one.digest().equals(other.digest());
  }
}
