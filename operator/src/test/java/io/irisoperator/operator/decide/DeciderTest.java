package io.irisoperator.operator.decide;

import static io.irisoperator.operator.Resources.RUN;
import static io.irisoperator.operator.Resources.irisModel;
import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.decide.Decision.Note;
import io.irisoperator.operator.observe.DeploymentState;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.PodsState;
import io.irisoperator.operator.observe.Resolution;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.Resolution.Unresolved;
import io.irisoperator.operator.observe.ScheduleState;
import io.irisoperator.operator.observe.TrainingJob;
import io.irisoperator.operator.observe.TrainingState;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeciderTest {
  private static final String OTHER = "ffffffffffffffffffffffffffffffff";
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private static Resolution resolved(String run) {
    return new Resolved(model(run), Optional.empty());
  }

  private static final Resolution RESOLVED = resolved(RUN);

  /**
   * An observation that is changed step by step, each decision's status becoming the next one's
   * past.
   */
  private static final class Story {
    private IrisModelStatus status = IrisModelStatus.none();
    private Resolution resolution = RESOLVED;
    private Optional<DeploymentState> deployment = Optional.empty();
    private Map<String, StoredModel> stored = Map.of();
    private PodsState pods = PodsState.WELL;
    private Optional<TrainingState> training = Optional.empty();
    private Optional<TrainingState> scheduled = Optional.empty();
    private ScheduleState schedule = ScheduleState.NONE;
    private List<TrainingJob> jobs = List.of();
    private boolean canTrain = true;
    private Instant now = NOON;
    private URI trackingUri = URI.create("http://mlflow.mlops:5000");
    private String spec = "{model: {runId: " + RUN + "}, serving: {replicas: 2}}";

    Decision next() {
      now = now.plusSeconds(10);
      Decision decision =
          Decider.decide(
              new Observation(
                  "mlops",
                  "iris",
                  3,
                  irisModel(spec).getSpec().orDefault(),
                  status,
                  trackingUri,
                  resolution,
                  stored,
                  deployment,
                  pods,
                  training,
                  scheduled,
                  schedule,
                  jobs,
                  canTrain,
                  Instant.EPOCH,
                  now));
      status = decision.status();
      return decision;
    }

    Story pods(String run, int ready, boolean rolledOut) {
      Rollout rollout = Rollout.first(revision(run));
      return deployed(rolledOut ? rollout.completed(now) : rollout, ready, rolledOut);
    }

    Story deployed(Rollout rollout, int ready, boolean rolledOut) {
      deployment =
          Optional.of(
              new DeploymentState(Optional.of(rollout), 2, ready, rolledOut, Optional.empty()));
      return this;
    }

    Revision revision(String run) {
      IrisModelSpec.Serving serving = irisModel(spec).getSpec().orDefault().serving();
      return new Revision(Revision.id(model(run), serving), model(run), NOON, Optional.empty());
    }

    Story training(TrainingPhase phase, String message) {
      training = Optional.of(state("now", "iris-train-1", phase, message));
      return this;
    }

    private static TrainingState state(
        String request, String job, TrainingPhase phase, String message) {
      return new TrainingState(
          request,
          job,
          Optional.ofNullable(phase),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          message);
    }
  }

  private static Condition condition(Decision decision, ConditionType type) {
    return Conditions.of(decision.status().conditions(), type).orElseThrow();
  }

  private static void assertCondition(
      Decision decision, ConditionType type, boolean value, Reason reason, String message) {
    Condition condition = condition(decision, type);
    assertThat(condition.getStatus())
        .as("%s: %s", type, condition)
        .isEqualTo(value ? "True" : "False");
    assertThat(condition.getReason()).isEqualTo(reason.toString());
    assertThat(condition.getMessage()).contains(message);
  }

  private static List<Reason> reasons(Decision decision) {
    return decision.events().stream().map(Note::reason).toList();
  }

  @Test
  void fromResolvedToServed() {
    Story story = new Story();
    Decision decision = story.next();
    assertThat(decision.serve()).contains(model(RUN));
    assertThat(decision.status().model()).isEqualTo(model(RUN));
    assertThat(decision.status().url()).isEqualTo("http://iris.mlops.svc");
    assertThat(decision.status().observedGeneration()).isEqualTo(3);
    assertThat(reasons(decision)).containsExactly(Reason.RESOLVED);
    assertCondition(decision, ConditionType.READY, false, Reason.ROLLING_OUT, RUN);
    assertCondition(decision, ConditionType.AVAILABLE, false, Reason.NO_MODEL, "no model");

    decision = story.pods(RUN, 0, false).next();
    assertCondition(
        decision,
        ConditionType.READY,
        false,
        Reason.PODS_NOT_READY,
        "kubectl -n mlops logs deployment/iris");

    decision = story.pods(RUN, 1, false).next();
    assertCondition(decision, ConditionType.READY, false, Reason.ROLLING_OUT, RUN);
    assertCondition(decision, ConditionType.AVAILABLE, true, Reason.SERVING, "");
    assertThat(decision.events()).isEmpty();

    decision = story.pods(RUN, 2, true).next();
    assertCondition(decision, ConditionType.READY, true, Reason.SERVING, "by 2 pods");
    assertThat(reasons(decision)).containsExactly(Reason.SERVING);
    assertThat(decision.status().readyReplicas()).isEqualTo(2);
  }

  @Test
  void nothingNewIsNoNewStatus() {
    Story story = new Story().pods(RUN, 2, true);
    IrisModelStatus status = story.next().status();
    Decision again = story.next();
    assertThat(again.status()).isEqualTo(status);
    assertThat(again.events()).isEmpty();
  }

  @Test
  void aNewModelReplacesTheServedOneAndHistoryKnowsIt() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.resolution = resolved(OTHER);
    Decision decision = story.next();
    assertThat(decision.serve()).contains(model(OTHER));
    assertCondition(decision, ConditionType.READY, false, Reason.ROLLING_OUT, OTHER);
    assertThat(reasons(decision)).containsExactly(Reason.RESOLVED);
    assertThat(decision.status().history())
        .containsExactly(
            new IrisModelStatus.Served(
                model(RUN),
                "2026-01-01T12:00:00Z",
                "2026-01-01T12:00:20Z",
                "replaced by run " + OTHER));
    // While the old Deployment is still in the cache the same step is not taken twice.
    assertThat(story.pods(OTHER, 2, true).next().status().history()).hasSize(1);
  }

  @Test
  void aStatusThatLagsBehindTheDeploymentLosesNoHistory() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    IrisModelStatus before = story.status;
    story.resolution = resolved(OTHER);
    story.next();
    story.status = before;
    assertThat(story.pods(OTHER, 1, false).next().status().history()).hasSize(1);
    story.resolution = resolved(RUN);
    before = story.status;
    story.next();
    story.status = before;
    assertThat(story.pods(RUN, 1, false).next().status().history().getFirst().since())
        .isEqualTo(before.history().getFirst().until());
  }

  @Test
  void historyKeepsTen() {
    Story story = new Story();
    for (int i = 0; i < 15; i++) {
      story.pods("%032d".formatted(i), 2, true);
      story.resolution = resolved("%032d".formatted(i + 1));
      story.next();
    }
    assertThat(story.status.history()).hasSize(10);
    assertThat(story.status.history().getFirst().model().runId()).isEqualTo("%032d".formatted(14));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "RUN_NOT_FOUND",
        "RUN_DELETED",
        "RUN_NOT_FINISHED",
        "RUN_FAILED",
        "ARTIFACT_MISSING",
        "MODEL_INVALID",
        "MLFLOW_REFUSED",
        "NO_FINISHED_RUN"
      })
  void whatCannotBeServedLeavesWhatIsServed(Reason reason) {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.resolution = new Unresolved(reason, "run x is no good");
    Decision decision = story.next();
    assertThat(decision.serve()).contains(model(RUN));
    assertThat(decision.status().model()).isEqualTo(model(RUN));
    assertCondition(
        decision,
        ConditionType.MODEL_RESOLVED,
        false,
        reason,
        "run x is no good; run " + RUN + " goes on being served");
    assertCondition(decision, ConditionType.READY, false, reason, "run x is no good");
    assertCondition(decision, ConditionType.DEGRADED, true, reason, "run x is no good");
    assertCondition(decision, ConditionType.AVAILABLE, true, Reason.SERVING, "");
    assertThat(decision.events()).hasSize(1).allMatch(Note::warning);

    story.resolution = RESOLVED;
    decision = story.next();
    assertCondition(decision, ConditionType.READY, true, Reason.SERVING, "");
    assertCondition(decision, ConditionType.DEGRADED, false, Reason.AS_EXPECTED, "");
  }

  @Test
  void mlflowAwayIsNoReasonNotToBeReady() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.resolution =
        new Unresolved(Reason.MLFLOW_UNREACHABLE, "http://mlflow: connection refused");
    Decision decision = story.next();
    assertCondition(decision, ConditionType.READY, true, Reason.SERVING, "");
    assertCondition(decision, ConditionType.DEGRADED, true, Reason.MLFLOW_UNREACHABLE, "refused");
  }

  @Test
  void mlflowAwayWhenAnotherModelIsAskedForIsNotReady() {
    for (String spec :
        List.of(
            "{model: {runId: " + OTHER + "}}",
            "{model: {latest: {experiment: x}}}",
            "{model: {runId: " + RUN + ", artifactPath: other}}")) {
      Story story = new Story().pods(RUN, 2, true);
      story.next();
      story.spec = spec;
      story.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "connection refused");
      Decision decision = story.next();
      assertCondition(decision, ConditionType.READY, false, Reason.MLFLOW_UNREACHABLE, "refused");
      assertThat(decision.serve()).contains(model(RUN));
    }
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.trackingUri = URI.create("http://elsewhere");
    story.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "connection refused");
    assertCondition(story.next(), ConditionType.READY, false, Reason.MLFLOW_UNREACHABLE, "refused");
  }

  @Test
  void aDeploymentDeletedWhileTheSourceIsBrokenComesBackAsItWas() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.deployment = Optional.empty();
    story.resolution = new Unresolved(Reason.MODEL_INVALID, "broken");
    assertThat(story.next().serve()).contains(model(RUN));
  }

  @Test
  void withNothingServedThereIsNothingDegraded() {
    Story story = new Story();
    story.resolution =
        new Unresolved(Reason.MLFLOW_UNREACHABLE, "http://mlflow: connection refused");
    Decision decision = story.next();
    assertThat(decision.serve()).isEmpty();
    assertCondition(decision, ConditionType.READY, false, Reason.MLFLOW_UNREACHABLE, "refused");
    assertCondition(decision, ConditionType.DEGRADED, false, Reason.AS_EXPECTED, "");
  }

  @Test
  void whatIsServedIsKnownFromTheDeploymentWhenStatusIsLost() {
    Story story = new Story().pods(RUN, 2, true);
    story.resolution = new Unresolved(Reason.RUN_NOT_FOUND, "gone");
    assertThat(story.next().serve()).contains(model(RUN));
  }

  @Test
  void whatIsServedIsKnownFromStatusWhenTheDeploymentWasRobbedOfIt() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.deployment =
        Optional.of(new DeploymentState(Optional.empty(), 2, 2, true, Optional.empty()));
    story.resolution = new Unresolved(Reason.RUN_NOT_FOUND, "gone");
    assertThat(story.next().serve()).contains(model(RUN));
  }

  @Test
  void aStuckRolloutIsDegraded() {
    Story story = new Story();
    story.deployment =
        Optional.of(
            new DeploymentState(
                Optional.of(Rollout.first(story.revision(RUN))),
                2,
                1,
                false,
                Optional.of("ReplicaSet has timed out")));
    Decision decision = story.next();
    assertCondition(decision, ConditionType.READY, false, Reason.ROLLOUT_STUCK, "timed out");
    assertCondition(decision, ConditionType.DEGRADED, true, Reason.ROLLOUT_STUCK, "timed out");
    assertThat(reasons(decision)).contains(Reason.ROLLOUT_STUCK);
  }

  @Test
  void scaledToZeroIsNotReadyAndSaysSo() {
    Story story = new Story().pods(RUN, 0, true);
    story.spec = "{model: {runId: " + RUN + "}, serving: {replicas: 0}}";
    assertCondition(
        story.next(), ConditionType.READY, false, Reason.SCALED_TO_ZERO, "replicas is 0");
  }

  @Test
  void aTrainingIsBegunOnceAndToldOf() {
    Story story = new Story();
    story.resolution = new Unresolved(Reason.NO_FINISHED_RUN, "none");
    Decision decision = story.training(null, "").next();
    assertThat(decision.train()).contains(new Decision.Train("iris-train-1", "now"));
    assertThat(decision.status().training().phase()).isEqualTo(TrainingPhase.PENDING);
    assertCondition(
        decision, ConditionType.TRAINING, true, Reason.TRAINING_PENDING, "iris-train-1");

    for (TrainingPhase phase : TrainingPhase.values()) {
      assertThat(story.training(phase, "words").next().train()).as(phase.toString()).isEmpty();
    }
    assertCondition(story.next(), ConditionType.TRAINING, false, Reason.TRAINING_FAILED, "words");
    assertCondition(story.next(), ConditionType.DEGRADED, true, Reason.TRAINING_FAILED, "words");
  }

  @Test
  void oneTrainingAtATime() {
    Story story = new Story().training(null, "");
    story.scheduled = Optional.of(Story.state("due", "iris-train-2", null, ""));
    Decision decision = story.next();
    assertThat(decision.train()).contains(new Decision.Train("iris-train-1", "now"));

    story.jobs = List.of(new TrainingJob("iris-train-1", false, false, "2026-01-01T12:00:00Z"));
    story.training(TrainingPhase.RUNNING, "runs");
    decision = story.next();
    assertThat(decision.train()).isEmpty();
    assertThat(decision.status().scheduledTraining().message())
        .isEqualTo("waits for Job iris-train-1 to end: one training at a time");

    story.jobs = List.of(new TrainingJob("iris-train-1", true, true, "2026-01-01T12:00:00Z"));
    story.training(TrainingPhase.SUCCEEDED, "done");
    assertThat(story.next().train()).contains(new Decision.Train("iris-train-2", "due"));
  }

  @Test
  void finishedJobsAreKeptUpToTheirLimits() {
    Story story = new Story().training(TrainingPhase.SUCCEEDED, "done");
    story.spec =
        "{model: {runId: %s}, training: {successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0}}"
            .formatted(RUN);
    story.jobs =
        List.of(
            new TrainingJob("iris-train-1", true, true, "2026-01-01T01:00:00Z"),
            new TrainingJob("good-2", true, true, "2026-01-01T02:00:00Z"),
            new TrainingJob("good-3", true, true, "2026-01-01T03:00:00Z"),
            new TrainingJob("good-4", true, true, "2026-01-01T04:00:00Z"),
            new TrainingJob("bad-5", true, false, "2026-01-01T05:00:00Z"),
            new TrainingJob("running-6", false, false, "2026-01-01T06:00:00Z"));
    assertThat(story.next().discardJobs()).containsExactly("good-2", "bad-5");
  }

  @Test
  void aScheduleThatCannotBeFollowedIsToldOf() {
    Story story = new Story().pods(RUN, 2, true);
    story.schedule =
        new ScheduleState(Optional.empty(), Optional.empty(), Optional.of("it is no cron"));
    Decision decision = story.next();
    assertCondition(
        decision, ConditionType.TRAINING, false, Reason.SCHEDULE_INVALID, "it is no cron");
    assertCondition(
        decision, ConditionType.DEGRADED, true, Reason.SCHEDULE_INVALID, "it is no cron");
  }

  @Test
  void anOperatorWithoutATrainerSaysSo() {
    Story story = new Story();
    story.canTrain = false;
    Decision decision = story.training(null, "").next();
    assertThat(decision.train()).isEmpty();
    assertThat(decision.status().training()).isNull();
    assertCondition(
        decision, ConditionType.TRAINING, false, Reason.TRAINING_DISABLED, "trainer.enabled=true");
  }

  @Test
  void theStoryOfATrainingIsTold() {
    Story story = new Story();
    story.resolution = new Unresolved(Reason.NO_FINISHED_RUN, "none");
    assertThat(reasons(story.training(null, "").next())).contains(Reason.TRAINING_PENDING);
    assertThat(reasons(story.training(TrainingPhase.RUNNING, "x").next()))
        .containsExactly(Reason.TRAINING_RUNNING);
    assertThat(reasons(story.training(TrainingPhase.SUCCEEDED, "x").next()))
        .containsExactly(Reason.TRAINING_SUCCEEDED);
    assertThat(story.next().events()).isEmpty();
  }

  @Test
  void whatCannotBeAppliedIsTold() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    IrisModelStatus before = story.status;
    Decision decision = story.next();
    Observation observation =
        new Observation(
            "mlops",
            "iris",
            3,
            decision.spec(),
            before,
            story.trackingUri,
            RESOLVED,
            Map.of(),
            story.deployment,
            PodsState.WELL,
            Optional.empty(),
            Optional.empty(),
            ScheduleState.NONE,
            List.of(),
            true,
            Instant.EPOCH,
            NOON);
    Decision failed =
        Decider.failed(observation, decision, "services \"iris\" already exists", false);
    assertCondition(failed, ConditionType.DEGRADED, true, Reason.APPLY_FAILED, "already exists");
    assertThat(reasons(failed)).containsExactly(Reason.APPLY_FAILED);
  }

  @Test
  void reasonsAreWrittenInCamelCase() {
    assertThat(Arrays.stream(Reason.values()).map(Reason::toString))
        .doesNotHaveDuplicates()
        .allMatch(text -> text.matches("([A-Z][a-z]+)+"));
  }
}
