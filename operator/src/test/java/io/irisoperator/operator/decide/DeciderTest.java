package io.irisoperator.operator.decide;

import static io.irisoperator.operator.Resources.RUN;
import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.ReplacementReason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.decide.Decision.PendingEvent;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.ObservationBuilder;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Unresolved;
import io.irisoperator.operator.state.ScheduleState;
import io.irisoperator.operator.state.TrainingJob;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeciderTest {
  private static final String OTHER = "ffffffffffffffffffffffffffffffff";

  private static Resolution resolved(String run) {
    return new Resolved(model(run), Optional.empty());
  }

  private static final Resolution RESOLVED = resolved(RUN);

  /**
   * An observation that changes step by step; the status of each decision is the next one's past.
   */
  private static final class Story {
    private final ObservationBuilder observed = new ObservationBuilder(RESOLVED);

    Story() {
      observed.spec = "{model: {runId: " + RUN + "}, serving: {replicas: 2}}";
    }

    Decision next() {
      observed.now = observed.now.plusSeconds(10);
      Decision decision = Decider.decide(observed.build());
      observed.status = decision.status();
      return decision;
    }

    Story pods(String run, int ready, boolean rolledOut) {
      RolloutState rollout = RolloutState.initial(observed.revision(model(run)));
      observed.deployed(
          rolledOut ? rollout.markAvailable(observed.now) : rollout, ready, rolledOut);
      return this;
    }

    Story requested() {
      observed.training(TrainingTrigger.REQUEST, "now", "iris-train-1", Optional.empty());
      return this;
    }

    Story training(TrainingPhase phase) {
      observed.training(TrainingTrigger.REQUEST, "now", "iris-train-1", Optional.of(phase));
      return this;
    }
  }

  private static Condition condition(Decision decision, ConditionType type) {
    return decision.status().condition(type).orElseThrow();
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

  private static TrainingJob job(String name, String created) {
    return new TrainingJob(name, created, Optional.empty(), true, Optional.empty());
  }

  private static TrainingJob finished(String name, boolean succeeded, String created) {
    return new TrainingJob(
        name,
        created,
        Optional.empty(),
        false,
        Optional.of(new TrainingJob.Outcome(succeeded, Optional.empty(), "reason")));
  }

  private static List<Reason> reasons(Decision decision) {
    return decision.events().stream().map(PendingEvent::reason).toList();
  }

  @Test
  void servesAResolvedModel() {
    Story story = new Story();
    Decision decision = story.next();
    assertThat(decision.model()).contains(model(RUN));
    assertThat(decision.status().model()).isEqualTo(model(RUN));
    assertThat(decision.status().url()).isEqualTo("http://iris.mlops.svc");
    assertThat(decision.status().observedGeneration()).isEqualTo(3);
    assertThat(reasons(decision)).containsExactly(Reason.RESOLVED, Reason.ROLLING_OUT);
    assertCondition(decision, ConditionType.READY, false, Reason.ROLLING_OUT, RUN);
    assertCondition(decision, ConditionType.PROGRESSING, true, Reason.ROLLING_OUT, RUN);
    assertCondition(decision, ConditionType.AVAILABLE, false, Reason.NO_MODEL, "no model");

    decision = story.pods(RUN, 0, false).next();
    assertCondition(
        decision,
        ConditionType.READY,
        false,
        Reason.PODS_NOT_READY,
        "kubectl -n mlops logs deployment/iris");

    decision = story.pods(RUN, 1, false).next();
    assertCondition(
        decision, ConditionType.READY, false, Reason.ROLLING_OUT, "1 of 2 pods updated");
    assertCondition(
        decision, ConditionType.PROGRESSING, true, Reason.ROLLING_OUT, "1 of 2 pods updated");
    assertCondition(decision, ConditionType.AVAILABLE, true, Reason.SERVING, "1 pod is ready");
    assertThat(decision.events()).isEmpty();

    decision = story.pods(RUN, 2, true).next();
    assertCondition(decision, ConditionType.READY, true, Reason.SERVING, "2 pods serve run ");
    assertThat(reasons(decision)).containsExactly(Reason.SERVING);
    assertCondition(decision, ConditionType.PROGRESSING, false, Reason.ROLLOUT_COMPLETE, RUN);
    assertThat(decision.status().readyReplicas()).isEqualTo(2);
  }

  /** A cache with the status before must not give a second Event with other counts. */
  @Test
  void namesTheEventOfARolloutWithoutCounts() {
    Story story = new Story();
    story.next();
    story.observed.status = IrisModelStatus.none();
    assertThat(story.pods(RUN, 1, false).next().events())
        .filteredOn(event -> event.reason() == Reason.ROLLING_OUT)
        .extracting(PendingEvent::message)
        .containsExactly("rolling out run " + RUN);
  }

  @Test
  void keepsTheStatusIfNothingChanges() {
    Story story = new Story().pods(RUN, 2, true);
    IrisModelStatus status = story.next().status();
    Decision again = story.next();
    assertThat(again.status()).isEqualTo(status);
    assertThat(again.events()).isEmpty();
  }

  @Test
  void recordsASupersededModelInTheHistory() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.observed.resolution = resolved(OTHER);
    Decision decision = story.next();
    assertThat(decision.model()).contains(model(OTHER));
    assertCondition(decision, ConditionType.READY, false, Reason.ROLLING_OUT, OTHER);
    assertThat(reasons(decision)).containsExactly(Reason.RESOLVED, Reason.ROLLING_OUT);
    assertThat(decision.status().history())
        .containsExactly(
            new HistoryEntry(
                model(RUN),
                "2026-01-01T12:00:00Z",
                "2026-01-01T12:00:20Z",
                ReplacementReason.SUPERSEDED,
                "superseded by run " + OTHER));
    // While the old Deployment is still in the cache the same step is not taken twice.
    assertThat(story.pods(OTHER, 2, true).next().status().history()).hasSize(1);
  }

  @Test
  void losesNoHistoryIfTheStatusLagsBehindTheDeployment() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    IrisModelStatus before = story.observed.status;
    story.observed.resolution = resolved(OTHER);
    story.next();
    story.observed.status = before;
    assertThat(story.pods(OTHER, 1, false).next().status().history()).hasSize(1);
    story.observed.resolution = resolved(RUN);
    before = story.observed.status;
    story.next();
    story.observed.status = before;
    assertThat(story.pods(RUN, 1, false).next().status().history().getFirst().deployedAt())
        .isEqualTo(before.history().getFirst().replacedAt());
  }

  @Test
  void limitsTheHistory() {
    Story story = new Story();
    for (int i = 0; i < 15; i++) {
      story.pods("%032d".formatted(i), 2, true);
      story.observed.resolution = resolved("%032d".formatted(i + 1));
      story.next();
    }
    assertThat(story.observed.status.history()).hasSize(10);
    assertThat(story.observed.status.history().getFirst().model().runId())
        .isEqualTo("%032d".formatted(14));
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
        "MLFLOW_REQUEST_REJECTED",
        "NO_FINISHED_RUN"
      })
  void stillServesTheModelBeforeIfTheNewOneCannotBeServed(Reason reason) {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.observed.resolution = new Unresolved(reason, "run x is invalid");
    Decision decision = story.next();
    assertThat(decision.model()).contains(model(RUN));
    assertThat(decision.status().model()).isEqualTo(model(RUN));
    assertCondition(
        decision,
        ConditionType.MODEL_RESOLVED,
        false,
        reason,
        "run x is invalid; still serving run " + RUN);
    assertCondition(decision, ConditionType.READY, false, reason, "run x is invalid");
    assertCondition(decision, ConditionType.DEGRADED, true, reason, "run x is invalid");
    assertCondition(decision, ConditionType.AVAILABLE, true, Reason.SERVING, "");
    assertThat(decision.events()).hasSize(1).allMatch(PendingEvent::warning);

    story.observed.resolution = RESOLVED;
    decision = story.next();
    assertCondition(decision, ConditionType.READY, true, Reason.SERVING, "");
    assertCondition(decision, ConditionType.DEGRADED, false, Reason.AS_EXPECTED, "");
  }

  @Test
  void isReadyWhileMlflowIsUnreachable() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.observed.resolution =
        new Unresolved(Reason.MLFLOW_UNREACHABLE, "http://mlflow: connection refused");
    Decision decision = story.next();
    assertCondition(decision, ConditionType.READY, true, Reason.SERVING, "");
    assertCondition(decision, ConditionType.DEGRADED, true, Reason.MLFLOW_UNREACHABLE, "refused");
  }

  @Test
  void isNotReadyWhileMlflowIsUnreachableAndAnotherModelIsSelected() {
    for (String spec :
        List.of(
            "{model: {runId: " + OTHER + "}}",
            "{model: {latest: {experiment: x}}}",
            "{model: {runId: " + RUN + ", artifactPath: other}}")) {
      Story story = new Story().pods(RUN, 2, true);
      story.next();
      story.observed.spec = spec;
      story.observed.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "connection refused");
      Decision decision = story.next();
      assertCondition(decision, ConditionType.READY, false, Reason.MLFLOW_UNREACHABLE, "refused");
      assertThat(decision.model()).contains(model(RUN));
    }
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.observed.trackingUri = URI.create("http://elsewhere");
    story.observed.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "connection refused");
    assertCondition(story.next(), ConditionType.READY, false, Reason.MLFLOW_UNREACHABLE, "refused");
  }

  @Test
  void recreatesADeletedDeploymentWhileTheSourceIsInvalid() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.observed.deployment = Optional.empty();
    story.observed.resolution = new Unresolved(Reason.MODEL_INVALID, "broken");
    assertThat(story.next().model()).contains(model(RUN));
  }

  @Test
  void isNotDegradedBeforeTheFirstModel() {
    Story story = new Story();
    story.observed.resolution =
        new Unresolved(Reason.MLFLOW_UNREACHABLE, "http://mlflow: connection refused");
    Decision decision = story.next();
    assertThat(decision.model()).isEmpty();
    assertCondition(decision, ConditionType.READY, false, Reason.MLFLOW_UNREACHABLE, "refused");
    assertCondition(decision, ConditionType.DEGRADED, false, Reason.AS_EXPECTED, "");
  }

  @Test
  void knowsTheServedModelFromTheDeploymentIfTheStatusIsLost() {
    Story story = new Story().pods(RUN, 2, true);
    story.observed.resolution = new Unresolved(Reason.RUN_NOT_FOUND, "gone");
    assertThat(story.next().model()).contains(model(RUN));
  }

  @Test
  void knowsTheServedModelFromTheStatusIfTheAnnotationIsLost() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    story.observed.deployment =
        Optional.of(new DeploymentState(Optional.empty(), 2, 2, 2, true, Optional.empty()));
    story.observed.resolution = new Unresolved(Reason.RUN_NOT_FOUND, "gone");
    assertThat(story.next().model()).contains(model(RUN));
  }

  @Test
  void isDegradedIfTheProgressDeadlineIsExceeded() {
    Story story = new Story();
    story.observed.deployment =
        Optional.of(
            new DeploymentState(
                Optional.of(RolloutState.initial(story.observed.revision(model(RUN)))),
                2,
                1,
                1,
                false,
                Optional.of("ReplicaSet has timed out")));
    Decision decision = story.next();
    assertCondition(
        decision, ConditionType.READY, false, Reason.PROGRESS_DEADLINE_EXCEEDED, "timed out");
    assertCondition(
        decision, ConditionType.DEGRADED, true, Reason.PROGRESS_DEADLINE_EXCEEDED, "timed out");
    assertThat(reasons(decision)).contains(Reason.PROGRESS_DEADLINE_EXCEEDED);
  }

  @Test
  void isNotReadyAtZeroReplicas() {
    Story story = new Story().pods(RUN, 0, true);
    story.observed.spec = "{model: {runId: " + RUN + "}, serving: {replicas: 0}}";
    assertCondition(
        story.next(), ConditionType.READY, false, Reason.SCALED_TO_ZERO, "replicas is 0");
  }

  @Test
  void startsARequestedTrainingOnce() {
    Story story = new Story();
    story.observed.resolution = new Unresolved(Reason.NO_FINISHED_RUN, "none");
    Decision decision = story.requested().next();
    assertThat(decision.train()).contains(new Decision.Train("iris-train-1", "now"));
    assertThat(decision.status().training(TrainingTrigger.REQUEST).orElseThrow().phase())
        .isEqualTo(TrainingPhase.PENDING);
    assertCondition(
        decision, ConditionType.TRAINING, true, Reason.TRAINING_PENDING, "iris-train-1");

    for (TrainingPhase phase : TrainingPhase.values()) {
      assertThat(story.training(phase).next().train()).as(phase.toString()).isEmpty();
    }
    assertCondition(story.next(), ConditionType.TRAINING, false, Reason.TRAINING_FAILED, "words");
    assertCondition(story.next(), ConditionType.DEGRADED, true, Reason.TRAINING_FAILED, "words");
  }

  @Test
  void runsOneTrainingAtATime() {
    Story story = new Story().requested();
    story.observed.training(TrainingTrigger.SCHEDULE, "due", "iris-train-2", Optional.empty());
    Decision decision = story.next();
    assertThat(decision.train()).contains(new Decision.Train("iris-train-1", "now"));

    story.observed.jobs = List.of(job("iris-train-1", "2026-01-01T12:00:00Z"));
    story.training(TrainingPhase.RUNNING);
    decision = story.next();
    assertThat(decision.train()).isEmpty();
    assertThat(decision.status().training(TrainingTrigger.SCHEDULE).orElseThrow().message())
        .isEqualTo("waiting for Job iris-train-1 to finish: one training runs at a time");

    story.observed.jobs = List.of(finished("iris-train-1", true, "2026-01-01T12:00:00Z"));
    story.training(TrainingPhase.SUCCEEDED);
    assertThat(story.next().train()).contains(new Decision.Train("iris-train-2", "due"));
  }

  @Test
  void deletesFinishedJobsBeyondTheLimits() {
    Story story = new Story().training(TrainingPhase.SUCCEEDED);
    story.observed.spec =
        "{model: {runId: %s}, training: {successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0}}"
            .formatted(RUN);
    story.observed.jobs =
        List.of(
            finished("iris-train-1", true, "2026-01-01T01:00:00Z"),
            finished("good-2", true, "2026-01-01T02:00:00Z"),
            finished("good-3", true, "2026-01-01T03:00:00Z"),
            finished("good-4", true, "2026-01-01T04:00:00Z"),
            finished("bad-5", false, "2026-01-01T05:00:00Z"),
            job("running-6", "2026-01-01T06:00:00Z"));
    assertThat(story.next().obsoleteJobs()).containsExactly("good-2", "bad-5");
  }

  @Test
  void reportsAnInvalidSchedule() {
    Story story = new Story().pods(RUN, 2, true);
    story.observed.schedule =
        new ScheduleState(Optional.empty(), Optional.empty(), Optional.of("it is no cron"));
    Decision decision = story.next();
    assertCondition(
        decision, ConditionType.TRAINING, false, Reason.SCHEDULE_INVALID, "it is no cron");
    assertCondition(
        decision, ConditionType.DEGRADED, true, Reason.SCHEDULE_INVALID, "it is no cron");
  }

  @Test
  void reportsAMissingTrainerImage() {
    Story story = new Story();
    story.observed.trainerAvailable = false;
    Decision decision = story.requested().next();
    assertThat(decision.train()).isEmpty();
    assertThat(decision.status().trainings()).isEmpty();
    assertCondition(
        decision, ConditionType.TRAINING, false, Reason.TRAINING_DISABLED, "trainer.enabled=true");
  }

  @Test
  void recordsEventsOfATraining() {
    Story story = new Story();
    story.observed.resolution = new Unresolved(Reason.NO_FINISHED_RUN, "none");
    assertThat(reasons(story.requested().next())).contains(Reason.TRAINING_PENDING);
    assertThat(reasons(story.training(TrainingPhase.RUNNING).next()))
        .containsExactly(Reason.TRAINING_RUNNING);
    assertThat(reasons(story.training(TrainingPhase.SUCCEEDED).next()))
        .containsExactly(Reason.TRAINING_SUCCEEDED);
    assertThat(story.next().events()).isEmpty();
  }

  @Test
  void reportsAFailureToApply() {
    Story story = new Story().pods(RUN, 2, true);
    story.next();
    IrisModelStatus before = story.observed.status;
    Decision decision = story.next();
    story.observed.status = before;
    Observation observation = story.observed.build();
    Decision failed =
        Decider.failed(observation, decision, "services \"iris\" already exists", false);
    assertCondition(failed, ConditionType.DEGRADED, true, Reason.APPLY_FAILED, "already exists");
    assertThat(reasons(failed)).containsExactly(Reason.APPLY_FAILED);
  }

  /** A Deployment of the IrisModel's name that it does not own. */
  @Test
  void reportsAFailureToApplyTheFirstDeployment() {
    Story story = new Story();
    Observation observation = story.observed.build();
    Decision decision = Decider.decide(observation);
    Decision failed =
        Decider.failed(observation, decision, "deployments \"iris\" already exists", true);
    assertCondition(failed, ConditionType.DEGRADED, true, Reason.APPLY_FAILED, "already exists");
    assertCondition(
        failed, ConditionType.PROGRESSING, false, Reason.APPLY_FAILED, "could not be applied");
    assertThat(failed.status().model()).isNull();
    assertThat(reasons(failed)).contains(Reason.APPLY_FAILED).doesNotContain(Reason.ROLLING_OUT);
  }

  @Test
  void writesReasonsInCamelCase() {
    assertThat(Arrays.stream(Reason.values()).map(Reason::toString))
        .doesNotHaveDuplicates()
        .allMatch(text -> text.matches("([A-Z][a-z]+)+"));
  }
}
