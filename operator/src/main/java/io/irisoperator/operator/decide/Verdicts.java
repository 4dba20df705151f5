package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus.Model;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.observe.DeploymentState;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.Resolution.Unresolved;
import io.irisoperator.operator.observe.TrainingState;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.StoredModel;
import java.util.Optional;

/**
 * What each condition is to say of an observation.
 *
 * @param before where the pods were so far
 * @param after where they are from now on
 */
record Verdicts(
    Observation observation,
    RolloutDecider decider,
    TrainingDecider trainings,
    Optional<Rollout> before,
    Optional<Rollout> after) {

  Verdict modelResolved() {
    return switch (observation.resolution()) {
      case Resolved(Model model, var _) ->
          new Verdict(
              true,
              Reason.RESOLVED,
              "%srun %s, digest %s%s"
                  .formatted(
                      model.registeredModel() == null
                          ? ""
                          : "version %s of registered model '%s', "
                              .formatted(model.version(), model.registeredModel()),
                      model.runId(),
                      model.digest(),
                      observation.spec().rollout().rollbackTo() == null
                          ? ""
                          : ", by rollout.rollbackTo: remove it to follow the source again"));
      case Unresolved(Reason reason, String message) ->
          new Verdict(false, reason, message + goesOn());
    };
  }

  private String goesOn() {
    return served().map(m -> "; run " + m.runId() + " goes on being served").orElse("");
  }

  private Optional<Model> served() {
    return before.map(r -> r.current().model());
  }

  private Optional<Model> serve() {
    return after.map(r -> r.current().model());
  }

  Verdict available() {
    if (observation.deployment().isEmpty()) {
      return new Verdict(false, Reason.NO_MODEL, "there is no model to serve yet");
    }
    DeploymentState deployment = observation.deployment().get();
    if (deployment.ready() > 0) {
      return new Verdict(true, Reason.SERVING, "predictions are answered");
    }
    return wanted() == 0 ? scaledToZero() : podsNotReady();
  }

  Verdict ready() {
    if (observation.resolution() instanceof Unresolved(Reason reason, String _)
        && !(reason == Reason.MLFLOW_UNREACHABLE
            && served().filter(this::isAskedFor).isPresent())) {
      Verdict resolved = modelResolved();
      return new Verdict(false, resolved.reason(), resolved.message());
    }
    Optional<Verdict> notTaken = notTaken();
    if (notTaken.isPresent()) {
      return notTaken.get();
    }
    String run = serve().map(Model::runId).orElse("");
    boolean pinned =
        observation.deployment().isPresent()
            && before.isPresent()
            && after.isPresent()
            && before.get().current().id().equals(after.get().current().id());
    if (!pinned) {
      return new Verdict(false, Reason.ROLLING_OUT, "pods for run " + run + " are being made");
    }
    DeploymentState deployment = observation.deployment().get();
    if (wanted() == 0) {
      return scaledToZero();
    }
    Optional<Model> held = after.flatMap(decider::held);
    if (held.isPresent()) {
      return new Verdict(
          false,
          Reason.ROLLING_OUT,
          "pods for run %s are made from %s on: the API server was away, and nodes may not have caught up"
              .formatted(held.get().runId(), Conditions.time(observation.steadyFrom())));
    }
    if (deployment.stuck().isPresent()) {
      return stuck(deployment.stuck().get());
    }
    if (!deployment.rolledOut() || deployment.ready() < wanted()) {
      return deployment.ready() == 0
          ? podsNotReady()
          : new Verdict(
              false,
              Reason.ROLLING_OUT,
              "pods are being replaced by such that serve run " + run + waiting());
    }
    return new Verdict(
        true, Reason.SERVING, "run %s is served by %d pods".formatted(run, wanted()));
  }

  private String waiting() {
    return observation.pods().waiting().map(why -> "; " + why).orElse("");
  }

  /** What is asked for and there, and is not served all the same. */
  private Optional<Verdict> notTaken() {
    Optional<Verdict> rolledBack =
        decider
            .rejected(after)
            .map(
                r ->
                    new Verdict(
                        false,
                        Reason.ROLLED_BACK,
                        "run %s, digest %s, was rolled back: %s; run %s goes on being served; another model, or a change of what serves it, is tried at once"
                            .formatted(
                                r.model().runId(),
                                r.model().digest(),
                                r.message(),
                                serve().map(Model::runId).orElse(""))));
    return rolledBack.or(
        () ->
            decider
                .resolved()
                .filter(asked -> serve().filter(s -> Decider.samePin(s, asked)).isEmpty())
                .flatMap(decider::corrupt)
                .map(this::corrupt));
  }

  private Verdict corrupt(StoredModel copy) {
    return new Verdict(
        false,
        Reason.STORED_MODEL_CORRUPT,
        "the cluster's copy of run %s in ConfigMap %s has %s, expected is the digest %s: no pod serves it; see who has changed it, and delete it: it is made anew from MLflow"
            .formatted(
                copy.model().runId(),
                String.join(", ", copy.configMaps()),
                copy.found().orElseThrow(),
                copy.digest()));
  }

  /** Whether a pinned model is what the spec means, as far as that can be told without MLflow. */
  private boolean isAskedFor(Model pinned) {
    IrisModelSpec.Model asked = observation.spec().model();
    boolean sameSource;
    if (asked.registered() != null) {
      IrisModelSpec.Registered registered = asked.registered();
      sameSource =
          registered.name().equals(pinned.registeredModel())
              && (registered.alias() == null
                  ? registered.version().equals(pinned.version())
                  : registered.alias().equals(pinned.alias()));
    } else {
      sameSource =
          asked.artifactPath().equals(pinned.artifactPath())
              && (asked.runId() == null
                  ? asked.latest().experiment().equals(pinned.experiment())
                  : asked.runId().equals(pinned.runId()));
    }
    return sameSource && observation.trackingUri().toString().equals(pinned.trackingUri());
  }

  Verdict training() {
    if (observation.schedule().problem().isPresent()) {
      return new Verdict(false, Reason.SCHEDULE_INVALID, observation.schedule().problem().get());
    }
    Optional<TrainingState> foremost = trainings.foremost();
    if (foremost.isEmpty()) {
      return new Verdict(
          false,
          Reason.NOT_REQUESTED,
          observation
              .schedule()
              .followed()
              .map(
                  schedule ->
                      schedule.next() == null
                          ? "training.schedule is never due"
                          : "the next training is due " + schedule.next())
              .orElse("set training.retrain to any new text to ask for a training"));
    }
    TrainingState training = foremost.get();
    if (training.isToBeBegun() && !observation.canTrain()) {
      return new Verdict(
          false,
          Reason.TRAINING_DISABLED,
          "this operator has no trainer: install it with the chart's trainer.enabled=true");
    }
    String message = trainings.message(training);
    return switch (training.phase().orElse(TrainingPhase.PENDING)) {
      case PENDING -> new Verdict(true, Reason.TRAINING_PENDING, message);
      case RUNNING -> new Verdict(true, Reason.TRAINING_RUNNING, message);
      case SUCCEEDED -> new Verdict(false, Reason.TRAINING_SUCCEEDED, message);
      case FAILED -> new Verdict(false, Reason.TRAINING_FAILED, message);
    };
  }

  Verdict degraded() {
    // A model that was gone back from is the greater news than an MLflow that is away.
    Optional<Verdict> notTaken = notTaken();
    if (notTaken.isPresent()) {
      return new Verdict(true, notTaken.get().reason(), notTaken.get().message());
    }
    if (observation.resolution() instanceof Unresolved && before.isPresent()) {
      Verdict resolved = modelResolved();
      return new Verdict(true, resolved.reason(), resolved.message());
    }
    Optional<Verdict> corrupt = serve().flatMap(decider::corrupt).map(this::corrupt);
    if (corrupt.isPresent()) {
      return new Verdict(true, corrupt.get().reason(), corrupt.get().message());
    }
    Optional<String> stuck = observation.deployment().flatMap(DeploymentState::stuck);
    if (stuck.isPresent()) {
      Verdict verdict = stuck(stuck.get());
      return new Verdict(true, verdict.reason(), verdict.message());
    }
    Verdict training = training();
    if (training.reason() == Reason.TRAINING_FAILED
        || training.reason() == Reason.SCHEDULE_INVALID) {
      return new Verdict(true, training.reason(), training.message());
    }
    return new Verdict(false, Reason.AS_EXPECTED, "nothing that was asked for has failed");
  }

  private int wanted() {
    return observation.spec().serving().replicas();
  }

  private static Verdict scaledToZero() {
    return new Verdict(false, Reason.SCALED_TO_ZERO, "serving.replicas is 0");
  }

  private Verdict podsNotReady() {
    return new Verdict(
        false,
        Reason.PODS_NOT_READY,
        "no pod is ready yet%s: see kubectl -n %s logs deployment/%s"
            .formatted(waiting(), observation.namespace(), observation.name()));
  }

  private Verdict stuck(String why) {
    return new Verdict(
        false,
        Reason.ROLLOUT_STUCK,
        "%s%s: see kubectl -n %s logs deployment/%s"
            .formatted(why, waiting(), observation.namespace(), observation.name()));
  }
}
