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
import java.util.Optional;

/**
 * What each condition is to say of an observation.
 *
 * @param served the model that the pods were pinned to so far
 * @param serve the model that they are pinned to from now on
 */
record Verdicts(Observation observation, Optional<Model> served, Optional<Model> serve) {

  Verdict modelResolved() {
    return switch (observation.resolution()) {
      case Resolved(Model model) ->
          new Verdict(
              true, Reason.RESOLVED, "run %s, digest %s".formatted(model.runId(), model.digest()));
      case Unresolved(Reason reason, String message) ->
          new Verdict(false, reason, message + goesOn());
    };
  }

  private String goesOn() {
    return served.map(m -> "; run " + m.runId() + " goes on being served").orElse("");
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
        && !(reason == Reason.MLFLOW_UNREACHABLE && served.filter(this::isAskedFor).isPresent())) {
      Verdict resolved = modelResolved();
      return new Verdict(false, resolved.reason(), resolved.message());
    }
    String run = serve.map(Model::runId).orElse("");
    boolean pinned =
        observation.deployment().isPresent()
            && served.isPresent()
            && serve.isPresent()
            && Decider.samePin(served.get(), serve.get());
    if (!pinned) {
      return new Verdict(false, Reason.ROLLING_OUT, "pods for run " + run + " are being made");
    }
    DeploymentState deployment = observation.deployment().get();
    if (wanted() == 0) {
      return scaledToZero();
    }
    if (deployment.stuck().isPresent()) {
      return stuck(deployment.stuck().get());
    }
    if (!deployment.rolledOut() || deployment.ready() < wanted()) {
      return deployment.ready() == 0
          ? podsNotReady()
          : new Verdict(
              false, Reason.ROLLING_OUT, "pods are being replaced by such that serve run " + run);
    }
    return new Verdict(
        true, Reason.SERVING, "run %s is served by %d pods".formatted(run, wanted()));
  }

  /** Whether a pinned model is what the spec means, as far as that can be told without MLflow. */
  private boolean isAskedFor(Model pinned) {
    IrisModelSpec.Model asked = observation.spec().model();
    boolean sameSource =
        asked.runId() == null
            ? asked.latest().experiment().equals(pinned.experiment())
            : asked.runId().equals(pinned.runId());
    return sameSource
        && asked.artifactPath().equals(pinned.artifactPath())
        && observation.trackingUri().toString().equals(pinned.trackingUri());
  }

  Verdict training() {
    if (observation.training().isEmpty()) {
      return new Verdict(
          false,
          Reason.NOT_REQUESTED,
          "set training.retrain to any new text to ask for a training");
    }
    TrainingState training = observation.training().get();
    if (training.phase().isEmpty() && !observation.canTrain()) {
      return new Verdict(
          false,
          Reason.TRAINING_DISABLED,
          "this operator has no trainer: install it with the chart's trainer.enabled=true");
    }
    return switch (training.phase().orElse(TrainingPhase.PENDING)) {
      case PENDING ->
          new Verdict(
              true,
              Reason.TRAINING_PENDING,
              training.phase().isEmpty()
                  ? "Job " + training.job() + " is being created"
                  : training.message());
      case RUNNING -> new Verdict(true, Reason.TRAINING_RUNNING, training.message());
      case SUCCEEDED -> new Verdict(false, Reason.TRAINING_SUCCEEDED, training.message());
      case FAILED -> new Verdict(false, Reason.TRAINING_FAILED, training.message());
    };
  }

  Verdict degraded() {
    if (observation.resolution() instanceof Unresolved && served.isPresent()) {
      Verdict resolved = modelResolved();
      return new Verdict(true, resolved.reason(), resolved.message());
    }
    Optional<String> stuck = observation.deployment().flatMap(DeploymentState::stuck);
    if (stuck.isPresent()) {
      Verdict verdict = stuck(stuck.get());
      return new Verdict(true, verdict.reason(), verdict.message());
    }
    Verdict training = training();
    if (training.reason() == Reason.TRAINING_FAILED) {
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
        "no pod is ready yet: see kubectl -n %s logs deployment/%s"
            .formatted(observation.namespace(), observation.name()));
  }

  private Verdict stuck(String why) {
    return new Verdict(
        false,
        Reason.ROLLOUT_STUCK,
        "%s: see kubectl -n %s logs deployment/%s"
            .formatted(why, observation.namespace(), observation.name()));
  }
}
