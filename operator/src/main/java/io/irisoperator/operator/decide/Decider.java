package io.irisoperator.operator.decide;

import static io.irisoperator.operator.api.ConditionType.AVAILABLE;
import static io.irisoperator.operator.api.ConditionType.DEGRADED;
import static io.irisoperator.operator.api.ConditionType.MODEL_RESOLVED;
import static io.irisoperator.operator.api.ConditionType.READY;
import static io.irisoperator.operator.api.ConditionType.TRAINING;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.decide.Decision.Train;
import io.irisoperator.operator.observe.DeploymentState;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.TrainingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From what is to what should be. Pure: the same observation gives the same decision. */
public final class Decider {
  private static final int HISTORY = 10;

  private Decider() {}

  /** Decides. */
  public static Decision decide(Observation o) {
    Optional<IrisModelStatus.Model> served = served(o);
    Optional<IrisModelStatus.Model> serve =
        o.resolution() instanceof Resolved(IrisModelStatus.Model model)
            ? Optional.of(model)
            : served;
    Verdicts verdicts = new Verdicts(o, served, serve);
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
            "http://%s.%s.svc".formatted(o.name(), o.namespace()),
            o.deployment().map(DeploymentState::replicas).orElse(0),
            o.deployment().map(DeploymentState::ready).orElse(0),
            Labels.selector(o.name()),
            o.training()
                .filter(t -> t.phase().isPresent() || o.canTrain())
                .map(Decider::trainingStatus)
                .orElse(o.status().training()),
            history(o, served, serve));
    return new Decision(
        o.spec(),
        serve,
        // A phase says that a Job is there, was there, or cannot be yet.
        o.training()
            .filter(t -> t.phase().isEmpty() && o.canTrain())
            .map(t -> new Train(t.job(), t.request())),
        status,
        Transitions.between(o.status(), status));
  }

  /** The same decision where something could not be applied. */
  public static Decision failed(Observation o, Decision decision, String message) {
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
            s.model(),
            s.url(),
            s.replicas(),
            s.readyReplicas(),
            s.selector(),
            s.training(),
            s.history());
    return new Decision(
        decision.spec(),
        decision.serve(),
        decision.train(),
        status,
        Transitions.between(o.status(), status));
  }

  /**
   * The Deployment knows what is served; where it is gone or robbed of that, the last status does.
   */
  private static Optional<IrisModelStatus.Model> served(Observation o) {
    return o.deployment()
        .flatMap(DeploymentState::pinned)
        .or(() -> Optional.ofNullable(o.status().model()));
  }

  private static IrisModelStatus.Training trainingStatus(TrainingState t) {
    return new IrisModelStatus.Training(
        t.request(),
        t.job(),
        t.runId().orElse(null),
        t.phase().orElse(TrainingPhase.PENDING),
        t.startTime().orElse(null),
        t.completionTime().orElse(null),
        t.phase().isEmpty() ? "Job " + t.job() + " is being created" : t.message());
  }

  /**
   * Compares with what status told last, not with the Deployment: a cache that still holds the
   * status before a change but the Deployment after it must come to the same history.
   */
  private static List<IrisModelStatus.Served> history(
      Observation o,
      Optional<IrisModelStatus.Model> served,
      Optional<IrisModelStatus.Model> serve) {
    List<IrisModelStatus.Served> history = o.status().history();
    Optional<IrisModelStatus.Model> told = Optional.ofNullable(o.status().model()).or(() -> served);
    if (told.isEmpty() || serve.isEmpty() || samePin(told.get(), serve.get())) {
      return history;
    }
    List<IrisModelStatus.Served> longer = new ArrayList<>();
    longer.add(
        new IrisModelStatus.Served(
            told.get().runId(), told.get().digest(), Conditions.time(o.now())));
    longer.addAll(history);
    return longer.subList(0, Math.min(longer.size(), HISTORY));
  }

  /** Whether pods of one are pods of the other. */
  static boolean samePin(IrisModelStatus.Model one, IrisModelStatus.Model other) {
    return one.runId().equals(other.runId()) && one.digest().equals(other.digest());
  }
}
