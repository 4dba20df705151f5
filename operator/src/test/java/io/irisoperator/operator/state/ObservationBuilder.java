package io.irisoperator.operator.state;

import static io.irisoperator.operator.Resources.irisModel;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An observation of mlops/iris that tests change step by step. */
public final class ObservationBuilder {
  public IrisModelStatus status = IrisModelStatus.none();
  public String spec = "{model: {registered: {name: iris, alias: champion}}}";
  public URI trackingUri = URI.create("http://mlflow.mlops:5000");
  public Resolution resolution;
  public Map<String, StoredModel> stored = Map.of();
  public Optional<DeploymentState> deployment = Optional.empty();
  public List<PodState> pods = List.of();
  public Optional<RequestStats> window = Optional.empty();
  public List<TrainingFacts> trainings = new ArrayList<>();
  public ScheduleState schedule = ScheduleState.NONE;
  public List<TrainingJob> jobs = List.of();
  public boolean trainerAvailable = true;
  public Instant rolloutsPausedUntil = Instant.EPOCH;
  public Instant now = Instant.parse("2026-01-01T12:00:00Z");

  public ObservationBuilder(Resolution resolution) {
    this.resolution = resolution;
  }

  public Observation build() {
    return new Observation(
        new ResourceState("mlops", "iris", 3, spec(), status),
        new SourceState(trackingUri, resolution, stored),
        new ServingState(deployment, pods, window),
        new TrainingsState(trainings, schedule, jobs, trainerAvailable),
        rolloutsPausedUntil,
        now);
  }

  public IrisModelSpec spec() {
    return irisModel(spec).getSpec();
  }

  /** A Deployment with so many pods. */
  public void deployed(RolloutState rollout, int ready, boolean rolledOut) {
    deployment =
        Optional.of(
            new DeploymentState(
                Optional.of(rollout), 2, ready, ready, rolledOut, Optional.empty()));
  }

  public Revision revision(io.irisoperator.operator.api.PinnedModel model) {
    return Revision.of(model, spec().serving(), Instant.parse("2026-01-01T12:00:00Z"));
  }

  /** A pod that crashed twice. */
  public void crashLoop(String message) {
    pods =
        List.of(
            new PodState(
                "x",
                false,
                Optional.empty(),
                List.of(
                    new PodState.ContainerState(
                        "model-server",
                        "image",
                        false,
                        false,
                        2,
                        Optional.of("CrashLoopBackOff"),
                        Optional.of(new PodState.Termination(3, "Error", Optional.of(message))))),
                List.of(),
                Optional.empty()));
  }

  /** A pod whose server says why it is not ready. */
  public void notReady(String health) {
    pods =
        List.of(
            new PodState("x", false, Optional.empty(), List.of(), List.of(), Optional.of(health)));
  }

  /** A window of 100 requests, of which so many failed. */
  public void window(int failed) {
    window = Optional.of(new RequestStats(100, failed, new TreeMap<>()));
  }

  /** A training of a trigger, as status would report it; without a phase it is only requested. */
  public void training(
      TrainingTrigger trigger, String text, String job, Optional<TrainingPhase> phase) {
    trainings.removeIf(facts -> facts.request().trigger() == trigger);
    TrainingRequest request = new TrainingRequest(trigger, text, job);
    TrainingFacts facts = TrainingFacts.of(request, status.training(trigger));
    trainings.add(
        phase
            .map(
                p ->
                    switch (p) {
                      case PENDING -> facts.withJob(job(job, false, Optional.empty()));
                      case RUNNING -> facts.withJob(job(job, true, Optional.empty()));
                      case SUCCEEDED, FAILED ->
                          TrainingFacts.of(request, Optional.of(reported(request, p)));
                    })
            .orElse(facts));
  }

  public static TrainingJob job(String name, boolean ready, Optional<TrainingJob.Outcome> outcome) {
    return new TrainingJob(name, "2026-01-01T12:00:00Z", Optional.empty(), ready, outcome);
  }

  private static TrainingStatus reported(TrainingRequest request, TrainingPhase phase) {
    return new TrainingStatus(
        request.trigger(),
        request.text(),
        request.job(),
        null,
        phase,
        null,
        null,
        null,
        null,
        Map.of(),
        "words");
  }
}
