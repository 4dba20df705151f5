package io.irisoperator.operator.decide;

import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.HistoryEntry;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.ReplacementReason;
import io.irisoperator.operator.decide.Decision.Attention;
import io.irisoperator.operator.decide.Decision.PendingEvent;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.rollout.RolloutState.Analyzing;
import io.irisoperator.operator.rollout.RolloutState.Initializing;
import io.irisoperator.operator.rollout.RolloutState.Progressing;
import io.irisoperator.operator.rollout.RolloutState.Stable;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.ObservationBuilder;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Unresolved;
import io.irisoperator.operator.state.StoredModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rollouts of one revision after the other, and rollbacks. */
class RolloutDeciderTest {
  private static final String A = "a".repeat(32);
  private static final String B = "b".repeat(32);
  private static final String C = "c".repeat(32);

  private final ObservationBuilder observed = new ObservationBuilder(resolved(A));

  private static Resolution resolved(String run) {
    return new Resolved(model(run), Optional.empty());
  }

  /** A reconciliation; what it decides is applied, and pods have not changed yet. */
  private Decision reconcile() {
    observed.now = observed.now.plusSeconds(10);
    Decision decision = Decider.decide(observed.build());
    boolean same =
        observed
            .deployment
            .flatMap(DeploymentState::rollout)
            .map(r -> r.current().id())
            .equals(decision.rollout().map(r -> r.current().id()));
    observed.deployment =
        Optional.of(
            new DeploymentState(
                decision.rollout(),
                1,
                1,
                1,
                same && observed.deployment.map(DeploymentState::rolledOut).orElse(false),
                Optional.empty()));
    observed.status = decision.status();
    return decision;
  }

  private void podsAreReady() {
    observed.deployment =
        observed.deployment.map(
            d -> new DeploymentState(d.rollout(), 1, 1, 1, true, Optional.empty()));
  }

  private void deadlinePasses() {
    observed.deployment =
        observed.deployment.map(
            d ->
                new DeploymentState(d.rollout(), 2, 1, 1, false, Optional.of("deadline exceeded")));
  }

  private void podsAreHealthy() {
    observed.pods = List.of();
  }

  private static String served(Decision decision) {
    return decision.model().orElseThrow().runId();
  }

  private static RolloutState rollout(Decision decision) {
    return decision.rollout().orElseThrow();
  }

  /** A is stable; then the alias moves to B. */
  private void moveFromAToB() {
    reconcile();
    podsAreReady();
    reconcile();
    observed.resolution = resolved(B);
    assertThat(served(reconcile())).isEqualTo(B);
  }

  private static void assertCondition(
      Decision decision, ConditionType type, String status, Reason reason, String... words) {
    Condition condition = decision.status().condition(type).orElseThrow();
    assertThat(condition.getStatus()).as(condition.toString()).isEqualTo(status);
    assertThat(condition.getReason()).isEqualTo(reason.toString());
    for (String word : words) {
      assertThat(condition.getMessage()).contains(word);
    }
  }

  @Test
  void promotesAModelThatPassesItsAnalysis() {
    moveFromAToB();
    podsAreReady();
    Decision analyzed = reconcile();
    assertThat(rollout(analyzed)).isInstanceOf(Analyzing.class);
    assertCondition(
        analyzed,
        ConditionType.PROGRESSING,
        "True",
        Reason.ANALYZING,
        B,
        "until 2026-01-01T12:02:");
    observed.now = observed.now.plusSeconds(120);
    Decision promoted = reconcile();
    assertThat(rollout(promoted)).isInstanceOf(Stable.class);
    assertThat(promoted.attention()).isNotEqualTo(Attention.ROLLING_OUT);
    assertCondition(promoted, ConditionType.PROGRESSING, "False", Reason.ROLLOUT_COMPLETE, B);
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(B);
  }

  @Test
  void pausesRolloutsAfterAnOutageOfTheApiServer() {
    reconcile();
    podsAreReady();
    reconcile();
    observed.resolution = resolved(B);
    observed.rolloutsPausedUntil = observed.now.plusSeconds(15);
    Decision paused = reconcile();
    assertThat(served(paused)).isEqualTo(A);
    assertCondition(
        paused, ConditionType.READY, "False", Reason.ROLLOUT_PAUSED, B, "12:00:35Z", "API server");
    assertThat(served(reconcile())).isEqualTo(B);
  }

  /** B is being analyzed; then a person rolls back to A. */
  private void rollBackManuallyToA() {
    moveFromAToB();
    podsAreReady();
    reconcile();
    observed.resolution = resolved(A);
    observed.spec =
        "{model: {registered: {name: iris, alias: champion}}, rollout: {rollbackTo: %s}}"
            .formatted(A);
  }

  @Test
  void doesNotPauseAManualRollback() {
    rollBackManuallyToA();
    observed.rolloutsPausedUntil = observed.now.plusSeconds(60);
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void doesNotUndoAManualRollbackBecauseOfMetrics() {
    rollBackManuallyToA();
    assertThat(served(reconcile())).isEqualTo(A);
    podsAreReady();
    reconcile();
    observed.window(30);
    reconcile();
    assertThat(served(reconcile())).isEqualTo(A);
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).as("pods that crash are rolled back all the same").isEqualTo(B);
  }

  @Test
  void rollsBackPodsThatAreNotReadyInTimeAndDoesNotRetry() {
    moveFromAToB();
    deadlinePasses();
    observed.notReady("hm");
    Decision back = reconcile();
    assertThat(served(back)).isEqualTo(A);
    assertCondition(
        back,
        ConditionType.DEGRADED,
        "True",
        Reason.ROLLED_BACK,
        model(B).digest(),
        "not ready within 120 s",
        "pod x is not ready: hm",
        "rolled back to run " + A);
    assertCondition(back, ConditionType.READY, "False", Reason.ROLLED_BACK, B);
    assertCondition(
        back, ConditionType.PROGRESSING, "True", Reason.ROLLING_BACK, A, "no pod updated yet");
    assertThat(back.events()).extracting(PendingEvent::reason).contains(Reason.ROLLED_BACK);
    assertThat(back.status().failedRollout().digest()).isEqualTo(model(B).digest());
    assertThat(back.status().history().getFirst())
        .returns(ReplacementReason.ROLLED_BACK, HistoryEntry::reason)
        .extracting(HistoryEntry::message)
        .asString()
        .startsWith("rolled back to run " + A);
    podsAreHealthy();
    podsAreReady();
    for (int i = 0; i < 20; i++) {
      Decision later = reconcile();
      assertThat(served(later)).isEqualTo(A);
      assertCondition(later, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, B);
    }
    // The status may be lost: the Deployment has the state.
    observed.status = IrisModelStatus.none();
    assertThat(served(reconcile())).isEqualTo(A);
    // The Deployment may be deleted: the status has the model.
    observed.deployment = Optional.empty();
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void rollsBackPodsThatCrash() {
    moveFromAToB();
    observed.crashLoop("out of memory");
    Decision back = reconcile();
    assertThat(served(back)).isEqualTo(A);
    assertCondition(
        back,
        ConditionType.DEGRADED,
        "True",
        Reason.ROLLED_BACK,
        "pod x is crash-looping: container model-server exited with code 3 (Error): out of memory");
  }

  @Test
  void rollsBackPodsThatExceedALimitInTwoWindows() {
    moveFromAToB();
    podsAreReady();
    reconcile();
    observed.window(30);
    assertThat(served(reconcile())).as("one window may be the fault of the machine").isEqualTo(B);
    Decision back = reconcile();
    assertThat(served(back)).isEqualTo(A);
    assertCondition(back, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, "30.0 %");
  }

  @Test
  void forgetsABadWindowAfterAGoodOne() {
    moveFromAToB();
    podsAreReady();
    reconcile();
    for (int failed : List.of(30, 0, 30)) {
      observed.window(failed);
      assertThat(served(reconcile())).isEqualTo(B);
    }
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void doesNotRetryAFailedModelWhenTheHistoryMayBeLonger() {
    moveFromAToB();
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
    podsAreHealthy();
    podsAreReady();
    observed.spec = observed.spec.replaceFirst("}$", ", rollout: {revisionHistoryLimit: 20}}");
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void limitsTheHistoryByTheSpec() {
    observed.spec = observed.spec.replaceFirst("}$", ", rollout: {revisionHistoryLimit: 2}}");
    for (String run : List.of(A, B, C, "d".repeat(32))) {
      observed.resolution = resolved(run);
      reconcile();
      podsAreReady();
      reconcile();
      observed.now = observed.now.plusSeconds(120);
      reconcile();
    }
    assertThat(observed.status.history())
        .extracting(entry -> entry.model().runId())
        .containsExactly(C, B);
  }

  @Test
  void retriesAFailedModelWhenTheSourceOrTheSpecChanges() {
    moveFromAToB();
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
    podsAreHealthy();
    podsAreReady();
    reconcile();
    // Another number of pods is no reason to retry.
    observed.spec = observed.spec.replaceFirst("}$", ", serving: {replicas: 4}}");
    assertThat(served(reconcile())).isEqualTo(A);
    observed.spec = observed.spec.replaceFirst("}$", ", rollout: {progressDeadlineSeconds: 300}}");
    assertThat(served(reconcile())).isEqualTo(B);
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
    podsAreHealthy();
    podsAreReady();
    reconcile();
    // An unreachable MLflow says nothing about the source.
    observed.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "refused");
    assertThat(served(reconcile())).isEqualTo(A);
    observed.resolution = resolved(B);
    assertThat(served(reconcile())).isEqualTo(A);
    observed.resolution = resolved(A);
    assertThat(reconcile().status().failedRollout()).isNull();
    observed.resolution = resolved(B);
    assertThat(served(reconcile())).isEqualTo(B);
  }

  @Test
  void rollsAThirdModelBackToTheSecondIfThatWasAvailable() {
    moveFromAToB();
    podsAreReady();
    reconcile();
    observed.resolution = resolved(C);
    reconcile();
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(B);
  }

  @Test
  void reportsAFailedModelWhileMlflowIsUnreachable() {
    moveFromAToB();
    observed.crashLoop("out of memory");
    reconcile();
    podsAreHealthy();
    podsAreReady();
    reconcile();
    observed.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "refused");
    Decision unreachable = reconcile();
    assertThat(unreachable.status().failedRollout()).isNotNull();
    assertThat(unreachable.events())
        .extracting(PendingEvent::reason)
        .doesNotContain(Reason.SERVING);
    observed.resolution = resolved(B);
    assertThat(reconcile().events())
        .extracting(PendingEvent::reason)
        .doesNotContain(Reason.ROLLED_BACK);
  }

  /** Without pods, readiness cannot be verified. */
  @Test
  void waitsForTheFirstPodAtZeroReplicas() {
    reconcile();
    podsAreReady();
    reconcile();
    String one = observed.spec;
    observed.spec = observed.spec.replaceFirst("}$", ", serving: {replicas: 0}}");
    observed.resolution = resolved(B);
    Decision none = reconcile();
    assertThat(served(none)).isEqualTo(A);
    assertThat(none.attention()).isEqualTo(Attention.IDLE);
    observed.spec = one;
    assertThat(served(reconcile())).isEqualTo(B);
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void isInitializingWhenScaledUpFromZero() {
    String one = observed.spec;
    observed.spec = observed.spec.replaceFirst("}$", ", serving: {replicas: 0}}");
    reconcile();
    observed.deployment =
        observed.deployment.map(
            d -> new DeploymentState(d.rollout(), 0, 0, 0, true, Optional.empty()));
    observed.spec = one;
    assertThat(rollout(reconcile())).isInstanceOf(Initializing.class);
  }

  @Test
  void rollsBackADeploymentThatWasDeletedDuringTheRollout() {
    moveFromAToB();
    observed.deployment = Optional.empty();
    Decision again = reconcile();
    assertThat(served(again)).isEqualTo(B);
    assertThat(rollout(again)).isInstanceOf(Progressing.class);
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void remembersAFailedModelIfTheDeploymentIsDeletedWhileMlflowIsUnreachable() {
    moveFromAToB();
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
    podsAreHealthy();
    podsAreReady();
    reconcile();
    observed.deployment = Optional.empty();
    observed.resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "no answer");
    assertThat(served(reconcile())).isEqualTo(A);
    podsAreReady();
    reconcile();
    observed.resolution = resolved(B);
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void doesNotRollBackARecreatedDeploymentOfAModelThatWasReady() {
    moveFromAToB();
    podsAreReady();
    assertThat(reconcile().status().condition(ConditionType.READY).orElseThrow())
        .returns("True", Condition::getStatus);
    observed.deployment = Optional.empty();
    assertThat(served(reconcile())).isEqualTo(B);
    deadlinePasses();
    assertThat(served(reconcile())).isEqualTo(B);
  }

  @Test
  void rollsAThirdModelBackToTheFirstIfTheSecondWasNeverAvailable() {
    moveFromAToB();
    observed.resolution = resolved(C);
    assertThat(served(reconcile())).isEqualTo(C);
    observed.crashLoop("out of memory");
    assertThat(served(reconcile())).isEqualTo(A);
  }

  @Test
  void cannotRollBackTheFirstModel() {
    reconcile();
    deadlinePasses();
    observed.crashLoop("out of memory");
    Decision exceeded = reconcile();
    assertThat(served(exceeded)).isEqualTo(A);
    assertCondition(
        exceeded, ConditionType.DEGRADED, "True", Reason.PROGRESS_DEADLINE_EXCEEDED, "deadline");
  }

  @Test
  void rollsBackAnotherImageLikeAnotherModel() {
    reconcile();
    podsAreReady();
    String revision = rollout(reconcile()).current().id();
    observed.spec = observed.spec.replaceFirst("}$", ", serving: {image: other}}");
    Decision other = reconcile();
    assertThat(rollout(other).current().id()).isNotEqualTo(revision);
    assertThat(other.status().history()).isEmpty();
    observed.crashLoop("out of memory");
    Decision back = reconcile();
    assertThat(rollout(back).current().id()).isEqualTo(revision);
    assertCondition(
        back, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, "pod x is crash-looping");
  }

  /** A version number changes nothing in a running server. */
  @Test
  void keepsPodsForAnotherVersionOfTheSameRun() {
    reconcile();
    podsAreReady();
    String revision = rollout(reconcile()).current().id();
    PinnedModel m = model(A);
    observed.resolution =
        new Resolved(
            new PinnedModel(
                m.runId(),
                "iris",
                "champion",
                "4",
                null,
                "http://mlflow.elsewhere:5000",
                null,
                m.artifactUri(),
                m.digest(),
                m.finished(),
                m.metrics()),
            Optional.empty());
    Decision decision = reconcile();
    assertThat(rollout(decision).current().id()).isEqualTo(revision);
    assertThat(decision.status().model().version()).isEqualTo("4");
    assertThat(decision.status().history()).isEmpty();
  }

  @Test
  void doesNotServeACorruptCopy() {
    reconcile();
    podsAreReady();
    reconcile();
    observed.resolution = resolved(B);
    StoredModel changed =
        new StoredModel(
            model(B).digest(), List.of("iris-model-b-0"), Optional.of("the digest sha256:zz"));
    observed.stored = Map.of(model(B).digest(), changed);
    Decision paused = reconcile();
    assertThat(served(paused)).isEqualTo(A);
    assertCondition(
        paused,
        ConditionType.DEGRADED,
        "True",
        Reason.STORED_MODEL_CORRUPT,
        "iris-model-b-0",
        "sha256:zz",
        model(B).digest(),
        "delete it");
    assertCondition(paused, ConditionType.READY, "False", Reason.STORED_MODEL_CORRUPT);
    observed.stored = Map.of();
    assertThat(served(reconcile())).isEqualTo(B);
    // During the rollout it is rolled back, and the model may be retried.
    observed.stored = Map.of(model(B).digest(), changed);
    assertThat(served(reconcile())).isEqualTo(A);
    observed.stored = Map.of();
    assertThat(served(reconcile())).isEqualTo(B);
  }

  @Test
  void stillServesAModelWhoseCopyBecomesCorrupt() {
    reconcile();
    podsAreReady();
    reconcile();
    observed.stored =
        Map.of(
            model(A).digest(),
            new StoredModel(
                model(A).digest(), List.of("iris-model-a-0"), Optional.of("no digest")));
    Decision decision = reconcile();
    assertThat(served(decision)).isEqualTo(A);
    assertCondition(decision, ConditionType.READY, "True", Reason.SERVING);
    assertCondition(
        decision, ConditionType.DEGRADED, "True", Reason.STORED_MODEL_CORRUPT, "no digest");
  }

  @Test
  void keepsTheCopiesOfTheServedModelAndOfThePreviousOne() {
    for (int run = 0; run < 3; run++) {
      PinnedModel model = model("%032x".formatted(run));
      observed.resolution = new Resolved(model, Optional.empty());
      reconcile();
      podsAreReady();
      reconcile();
      observed.now = observed.now.plusSeconds(120);
      reconcile();
    }
    assertThat(reconcile().copiesInUse())
        .containsExactlyInAnyOrder(
            model("%032x".formatted(1)).digest(), model("%032x".formatted(2)).digest());
  }

  @Test
  void keepsTheCopyThatIsRolledBackTo() {
    for (String run : List.of(A, B, C)) {
      observed.resolution = resolved(run);
      reconcile();
      podsAreReady();
      reconcile();
      observed.now = observed.now.plusSeconds(120);
      reconcile();
    }
    observed.spec = observed.spec.replaceFirst("}$", ", rollout: {rollbackTo: %s}}".formatted(A));
    assertThat(reconcile().copiesInUse()).contains(model(A).digest());
  }
}
