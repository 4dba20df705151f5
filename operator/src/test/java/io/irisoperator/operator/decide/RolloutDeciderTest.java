package io.irisoperator.operator.decide;

import static io.irisoperator.operator.Resources.irisModel;
import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.decide.Decision.Note;
import io.irisoperator.operator.observe.DeploymentState;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.PodsState;
import io.irisoperator.operator.observe.Resolution;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.Resolution.Unresolved;
import io.irisoperator.operator.observe.ScheduleState;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From one revision to the next, and back. */
class RolloutDeciderTest {
  private static final String A = "a".repeat(32);
  private static final String B = "b".repeat(32);
  private static final String C = "c".repeat(32);

  private IrisModelStatus status = IrisModelStatus.none();
  private String spec = "{model: {registered: {name: iris, alias: champion}}}";
  private Resolution resolution = resolved(A);
  private Map<String, StoredModel> stored = Map.of();
  private Optional<DeploymentState> deployment = Optional.empty();
  private PodsState pods = PodsState.WELL;
  private Instant now = Instant.parse("2026-01-01T12:00:00Z");
  private Instant steadyFrom = Instant.EPOCH;

  private static Resolution resolved(String run) {
    return new Resolved(model(run), Optional.empty());
  }

  /** A pass of the operator; what it decides is applied, and nothing has come of it yet. */
  private Decision pass() {
    now = now.plusSeconds(10);
    Decision decision =
        Decider.decide(
            new Observation(
                "mlops",
                "iris",
                1,
                irisModel(spec).getSpec().orDefault(),
                status,
                URI.create("http://mlflow.mlops:5000"),
                resolution,
                stored,
                deployment,
                pods,
                Optional.empty(),
                Optional.empty(),
                ScheduleState.NONE,
                List.of(),
                true,
                steadyFrom,
                now));
    boolean same =
        deployment
            .flatMap(DeploymentState::rollout)
            .map(r -> r.current().id())
            .equals(decision.rollout().map(r -> r.current().id()));
    deployment =
        Optional.of(
            new DeploymentState(
                decision.rollout(),
                1,
                1,
                same && deployment.map(DeploymentState::rolledOut).orElse(false),
                Optional.empty()));
    status = decision.status();
    return decision;
  }

  private void podsAreReady() {
    deployment =
        deployment.map(d -> new DeploymentState(d.rollout(), 1, 1, true, Optional.empty()));
  }

  private void deadlinePasses() {
    deployment =
        deployment.map(
            d -> new DeploymentState(d.rollout(), 2, 1, false, Optional.of("deadline exceeded")));
  }

  private void crash(String why) {
    pods = new PodsState(Optional.of(why), Optional.empty(), Optional.empty());
  }

  private void unfit(String why) {
    pods = new PodsState(Optional.empty(), Optional.empty(), Optional.of(why));
  }

  private static String served(Decision decision) {
    return decision.serve().orElseThrow().runId();
  }

  private static Rollout rollout(Decision decision) {
    return decision.rollout().orElseThrow();
  }

  /** A is served and has proven itself; then the alias moves to B. */
  private void moveFromAToB() {
    pass();
    podsAreReady();
    pass();
    resolution = resolved(B);
    assertThat(served(pass())).isEqualTo(B);
  }

  private static void assertCondition(
      Decision decision, ConditionType type, String status, Reason reason, String... words) {
    Condition condition = Conditions.of(decision.status().conditions(), type).orElseThrow();
    assertThat(condition.getStatus()).as(condition.toString()).isEqualTo(status);
    assertThat(condition.getReason()).isEqualTo(reason.toString());
    for (String word : words) {
      assertThat(condition.getMessage()).contains(word);
    }
  }

  @Test
  void aModelThatProvesItselfStays() {
    moveFromAToB();
    podsAreReady();
    assertThat(rollout(pass()).complete()).isPresent();
    assertThat(rollout(pass()).canGoBack()).isTrue();
    now = now.plusSeconds(120);
    Decision proven = pass();
    assertThat(rollout(proven).canGoBack()).isFalse();
    assertThat(proven.settled()).isTrue();
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(B);
  }

  @Test
  void afterTheApiServerWasAwayPodsThatServeAreNotReplacedUntilTheNodesHaveCaughtUp() {
    pass();
    podsAreReady();
    pass();
    resolution = resolved(B);
    steadyFrom = now.plusSeconds(15);
    Decision held = pass();
    assertThat(served(held)).isEqualTo(A);
    assertCondition(
        held, ConditionType.READY, "False", Reason.ROLLING_OUT, B, "12:00:35Z", "API server");
    assertThat(served(pass())).isEqualTo(B);
  }

  /** B is served by all pods; then a person asks for A by hand. */
  private void goBackByHandToA() {
    moveFromAToB();
    podsAreReady();
    pass();
    resolution = resolved(A);
    spec =
        "{model: {registered: {name: iris, alias: champion}}, rollout: {rollbackTo: %s}}"
            .formatted(A);
  }

  @Test
  void whoGoesBackByHandDoesNotWait() {
    goBackByHandToA();
    steadyFrom = now.plusSeconds(60);
    assertThat(served(pass())).isEqualTo(A);
  }

  @Test
  void metricsDoNotUndoWhatAPersonHasGoneBackTo() {
    goBackByHandToA();
    assertThat(served(pass())).isEqualTo(A);
    podsAreReady();
    pass();
    unfit("the machine is slow today");
    assertThat(served(pass())).isEqualTo(A);
    crash("pod x crashes");
    assertThat(served(pass())).as("but pods that crash answer nobody").isEqualTo(B);
  }

  @Test
  void podsThatAreNotReadyInTimeAreGoneBackFromAndNotTriedAgain() {
    moveFromAToB();
    deadlinePasses();
    pods = new PodsState(Optional.empty(), Optional.of("pod x is not ready: hm"), Optional.empty());
    Decision back = pass();
    assertThat(served(back)).isEqualTo(A);
    assertCondition(
        back,
        ConditionType.DEGRADED,
        "True",
        Reason.ROLLED_BACK,
        model(B).digest(),
        "not ready within 120 s",
        "pod x is not ready: hm",
        "run " + A + " goes on being served");
    assertCondition(back, ConditionType.READY, "False", Reason.ROLLED_BACK, B);
    assertThat(back.events()).extracting(Note::reason).contains(Reason.ROLLED_BACK);
    assertThat(back.status().rejected().digest()).isEqualTo(model(B).digest());
    assertThat(back.status().history().getFirst().ended()).startsWith("rolled back to run " + A);
    pods = PodsState.WELL;
    podsAreReady();
    for (int i = 0; i < 20; i++) {
      Decision later = pass();
      assertThat(served(later)).isEqualTo(A);
      assertCondition(later, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, B);
    }
    // Status may be lost: the Deployment knows.
    status = IrisModelStatus.none();
    assertThat(served(pass())).isEqualTo(A);
    // The Deployment may be deleted: status knows.
    deployment = Optional.empty();
    assertThat(served(pass())).isEqualTo(A);
  }

  @Test
  void podsThatCrashAreGoneBackFrom() {
    moveFromAToB();
    crash("pod x crashes: exit code 3");
    Decision back = pass();
    assertThat(served(back)).isEqualTo(A);
    assertCondition(
        back, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, "pod x crashes: exit code 3");
  }

  @Test
  void podsThatAnswerBadlyAfterTheSwapAreGoneBackFrom() {
    moveFromAToB();
    podsAreReady();
    pass();
    unfit("30 % were answered with a 5xx");
    Decision back = pass();
    assertThat(served(back)).isEqualTo(A);
    assertCondition(back, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, "30 %");
  }

  @Test
  void whatWasRejectedIsTriedAgainWhenTheSourceHasMovedOrTheSpecHasChanged() {
    moveFromAToB();
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(A);
    pods = PodsState.WELL;
    podsAreReady();
    pass();
    // More pods are no reason.
    spec = spec.replaceFirst("}$", ", serving: {replicas: 4}}");
    assertThat(served(pass())).isEqualTo(A);
    spec = spec.replaceFirst("}$", ", rollout: {progressDeadlineSeconds: 300}}");
    assertThat(served(pass())).isEqualTo(B);
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(A);
    pods = PodsState.WELL;
    podsAreReady();
    pass();
    // MLflow away is no word of the source.
    resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "refused");
    assertThat(served(pass())).isEqualTo(A);
    resolution = resolved(B);
    assertThat(served(pass())).isEqualTo(A);
    resolution = resolved(A);
    assertThat(pass().status().rejected()).isNull();
    resolution = resolved(B);
    assertThat(served(pass())).isEqualTo(B);
  }

  @Test
  void aThirdModelGoesBackToTheSecondIfThatHasServed() {
    moveFromAToB();
    podsAreReady();
    pass();
    resolution = resolved(C);
    pass();
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(B);
  }

  @Test
  void whatWasRejectedIsToldOfWithMlflowAwayToo() {
    moveFromAToB();
    crash("pod x crashes");
    pass();
    pods = PodsState.WELL;
    podsAreReady();
    pass();
    resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "refused");
    Decision away = pass();
    assertThat(away.status().rejected()).isNotNull();
    assertThat(away.events()).extracting(Note::reason).doesNotContain(Reason.SERVING);
    resolution = resolved(B);
    assertThat(pass().events()).extracting(Note::reason).doesNotContain(Reason.ROLLED_BACK);
  }

  /** Of pods that are not there nobody knows whether they would get ready. */
  @Test
  void atZeroPodsAnotherModelWaitsForTheFirstOne() {
    pass();
    podsAreReady();
    pass();
    String one = spec;
    spec = spec.replaceFirst("}$", ", serving: {replicas: 0}}");
    resolution = resolved(B);
    Decision none = pass();
    assertThat(served(none)).isEqualTo(A);
    assertThat(none.settled()).isTrue();
    spec = one;
    assertThat(served(pass())).isEqualTo(B);
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(A);
  }

  @Test
  void aFirstModelMadeAtZeroPodsHasNotServedWhenItIsScaledUp() {
    String one = spec;
    spec = spec.replaceFirst("}$", ", serving: {replicas: 0}}");
    pass();
    deployment =
        deployment.map(d -> new DeploymentState(d.rollout(), 0, 0, true, Optional.empty()));
    spec = one;
    assertThat(rollout(pass()).complete()).isEmpty();
  }

  @Test
  void aDeploymentDeletedOnTheWayGoesBackAllTheSame() {
    moveFromAToB();
    deployment = Optional.empty();
    Decision again = pass();
    assertThat(served(again)).isEqualTo(B);
    assertThat(rollout(again).canGoBack()).isTrue();
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(A);
  }

  @Test
  void aDeploymentDeletedWithMlflowAwayDoesNotForgetWhatWasGoneBackFrom() {
    moveFromAToB();
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(A);
    pods = PodsState.WELL;
    podsAreReady();
    pass();
    deployment = Optional.empty();
    resolution = new Unresolved(Reason.MLFLOW_UNREACHABLE, "no answer");
    assertThat(served(pass())).isEqualTo(A);
    podsAreReady();
    pass();
    resolution = resolved(B);
    assertThat(served(pass())).isEqualTo(A);
  }

  @Test
  void aDeploymentDeletedWhenAllPodsServedHasNothingToGoBackTo() {
    moveFromAToB();
    podsAreReady();
    assertThat(Conditions.of(pass().status().conditions(), ConditionType.READY).orElseThrow())
        .returns("True", Condition::getStatus);
    deployment = Optional.empty();
    assertThat(served(pass())).isEqualTo(B);
    deadlinePasses();
    assertThat(served(pass())).isEqualTo(B);
  }

  @Test
  void aThirdModelGoesBackToTheFirstIfTheSecondNeverServed() {
    moveFromAToB();
    resolution = resolved(C);
    assertThat(served(pass())).isEqualTo(C);
    crash("pod x crashes");
    assertThat(served(pass())).isEqualTo(A);
  }

  @Test
  void theFirstModelHasNothingToGoBackTo() {
    pass();
    deadlinePasses();
    crash("pod x crashes");
    Decision stuck = pass();
    assertThat(served(stuck)).isEqualTo(A);
    assertCondition(stuck, ConditionType.DEGRADED, "True", Reason.ROLLOUT_STUCK, "deadline");
  }

  @Test
  void anotherImageIsAnotherRevisionAndGoneBackFromLikeAModel() {
    pass();
    podsAreReady();
    String revision = rollout(pass()).current().id();
    spec = spec.replaceFirst("}$", ", serving: {image: other}}");
    Decision other = pass();
    assertThat(rollout(other).current().id()).isNotEqualTo(revision);
    assertThat(other.status().history()).isEmpty();
    crash("pod x crashes");
    Decision back = pass();
    assertThat(rollout(back).current().id()).isEqualTo(revision);
    assertCondition(back, ConditionType.DEGRADED, "True", Reason.ROLLED_BACK, "pod x crashes");
  }

  /** Only what a server needs makes new pods: the template that was made stays. */
  @Test
  void anotherVersionOfTheSameRunMakesNoNewPods() {
    pass();
    podsAreReady();
    String revision = rollout(pass()).current().id();
    IrisModelStatus.Model m = model(A);
    resolution =
        new Resolved(
            new IrisModelStatus.Model(
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
    Decision decision = pass();
    assertThat(rollout(decision).current().id()).isEqualTo(revision);
    assertThat(decision.status().model().version()).isEqualTo("4");
    assertThat(decision.status().history()).isEmpty();
  }

  @Test
  void aCopyThatWasChangedIsNotServedAndToldOfWithBothDigests() {
    pass();
    podsAreReady();
    pass();
    resolution = resolved(B);
    StoredModel changed =
        new StoredModel(model(B), List.of("iris-model-b-0"), Optional.of("the digest sha256:zz"));
    stored = Map.of(model(B).digest(), changed);
    Decision held = pass();
    assertThat(served(held)).isEqualTo(A);
    assertCondition(
        held,
        ConditionType.DEGRADED,
        "True",
        Reason.STORED_MODEL_CORRUPT,
        "iris-model-b-0",
        "sha256:zz",
        model(B).digest(),
        "delete it");
    assertCondition(held, ConditionType.READY, "False", Reason.STORED_MODEL_CORRUPT);
    stored = Map.of();
    assertThat(served(pass())).isEqualTo(B);
    // On the way there it is gone back from, and not held against the model.
    stored = Map.of(model(B).digest(), changed);
    assertThat(served(pass())).isEqualTo(A);
    stored = Map.of();
    assertThat(served(pass())).isEqualTo(B);
  }

  @Test
  void aChangedCopyOfWhatIsServedIsToldOfAndServed() {
    pass();
    podsAreReady();
    pass();
    stored =
        Map.of(
            model(A).digest(),
            new StoredModel(model(A), List.of("iris-model-a-0"), Optional.of("no digest")));
    Decision told = pass();
    assertThat(served(told)).isEqualTo(A);
    assertCondition(told, ConditionType.READY, "True", Reason.SERVING);
    assertCondition(told, ConditionType.DEGRADED, "True", Reason.STORED_MODEL_CORRUPT, "no digest");
  }

  @Test
  void copiesAreKeptAsLongAsTheyMayBeServed() {
    for (int run = 0; run < 15; run++) {
      IrisModelStatus.Model model = model("%032x".formatted(run));
      resolution = new Resolved(model, Optional.empty());
      pass();
      podsAreReady();
      pass();
      now = now.plusSeconds(120);
      pass();
    }
    Map<String, StoredModel> all = new HashMap<>();
    for (int run = 0; run < 15; run++) {
      IrisModelStatus.Model model = model("%032x".formatted(run));
      all.put(model.digest(), new StoredModel(model, List.of("x"), Optional.empty()));
    }
    stored = all;
    // Ten of the history, and the one that is served.
    assertThat(pass().discard())
        .extracting(copy -> copy.model().runId())
        .containsExactly(
            "%032x".formatted(0), "%032x".formatted(1), "%032x".formatted(2), "%032x".formatted(3));
  }

  @Test
  void whatIsOnTheDeploymentIsReadBackAsItWas() {
    moveFromAToB();
    crash("pod x crashes");
    Rollout rollout = rollout(pass());
    assertThat(rollout.rejected()).isPresent();
    assertThat(rollout.stable()).isPresent();
    assertThat(
            Rollout.of(
                new DeploymentBuilder()
                    .withNewMetadata()
                    .addToAnnotations(Rollout.ANNOTATION, rollout.write())
                    .endMetadata()
                    .build()))
        .contains(rollout);
  }
}
