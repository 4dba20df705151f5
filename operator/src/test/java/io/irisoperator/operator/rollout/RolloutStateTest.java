package io.irisoperator.operator.rollout;

import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.irisoperator.operator.rollout.RolloutState.Analyzing;
import io.irisoperator.operator.rollout.RolloutState.Initializing;
import io.irisoperator.operator.rollout.RolloutState.Progressing;
import io.irisoperator.operator.rollout.RolloutState.RollingBack;
import io.irisoperator.operator.rollout.RolloutState.Stable;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each transition of each state. */
class RolloutStateTest {
  private static final Instant T1 = Instant.parse("2026-01-01T12:00:00Z");
  private static final Instant T2 = T1.plusSeconds(60);
  private static final Revision A = revision("a");
  private static final Revision B = revision("b");
  private static final Revision C = revision("c");
  private static final FailedRevision FAILURE =
      new FailedRevision("c", "spec", C.model(), "why", T1);
  private static final Optional<FailedRevision> FAILED = Optional.of(FAILURE);

  private static final Initializing INITIALIZING = new Initializing(A, FAILED);
  private static final Stable STABLE = new Stable(A, T1, FAILED);
  private static final Progressing PROGRESSING = new Progressing(B, A, FAILED);
  private static final Analyzing ANALYZING = new Analyzing(B, A, T1, 0, FAILED);
  private static final RollingBack ROLLING_BACK = new RollingBack(A, FAILED);

  private static Revision revision(String id) {
    return new Revision(id, model(id.repeat(32)), T1, Optional.of(new PodTemplateSpec()));
  }

  static List<RolloutState> states() {
    return List.of(INITIALIZING, STABLE, PROGRESSING, ANALYZING, ROLLING_BACK);
  }

  @Test
  void aNewDeploymentIsInitializing() {
    assertThat(RolloutState.initial(A)).isEqualTo(new Initializing(A, Optional.empty()));
  }

  @Test
  void readyPodsMakeItStableOrStartTheAnalysis() {
    assertThat(INITIALIZING.markAvailable(T2)).isEqualTo(new Stable(A, T2, FAILED));
    assertThat(PROGRESSING.markAvailable(T2)).isEqualTo(new Analyzing(B, A, T2, 0, FAILED));
    assertThat(ROLLING_BACK.markAvailable(T2)).isEqualTo(new Stable(A, T2, FAILED));
    assertThat(STABLE.markAvailable(T2)).isEqualTo(STABLE);
    assertThat(ANALYZING.markAvailable(T2)).isEqualTo(ANALYZING);
  }

  @Test
  void aPassedAnalysisPromotes() {
    assertThat(ANALYZING.promote()).isEqualTo(new Stable(B, T1, FAILED));
  }

  @Test
  void countsWindowsInARowThatExceedALimit() {
    Analyzing twice = ANALYZING.afterWindow(true).afterWindow(true);
    assertThat(twice.failedWindows()).isEqualTo(2);
    assertThat(twice.afterWindow(false).failedWindows()).isZero();
  }

  @Test
  void rollsBackToTheStableRevision() {
    RollingBack rolledBack = new RollingBack(A.since(T2), FAILED);
    assertThat(PROGRESSING.rollBack(T2, FAILED)).isEqualTo(rolledBack);
    assertThat(ANALYZING.rollBack(T2, Optional.empty()))
        .as("without a reason the last failure stays")
        .isEqualTo(rolledBack);
    assertThat(INITIALIZING.rollBack(T2, FAILED)).isEqualTo(INITIALIZING);
    assertThat(STABLE.rollBack(T2, FAILED)).isEqualTo(STABLE);
    assertThat(ROLLING_BACK.rollBack(T2, FAILED)).isEqualTo(ROLLING_BACK);
  }

  @Test
  void startsARolloutFromTheRevisionThatWasAvailableLast() {
    assertThat(INITIALIZING.start(C)).isEqualTo(new Initializing(C, Optional.empty()));
    assertThat(STABLE.start(C)).isEqualTo(new Progressing(C, A, Optional.empty()));
    assertThat(PROGRESSING.start(C)).isEqualTo(new Progressing(C, A, Optional.empty()));
    assertThat(ANALYZING.start(C)).isEqualTo(new Progressing(C, B, Optional.empty()));
    assertThat(ROLLING_BACK.start(C)).isEqualTo(new Progressing(C, A, Optional.empty()));
  }

  @Test
  void returningToTheStableRevisionIsARollback() {
    assertThat(PROGRESSING.start(A.since(T2)))
        .isEqualTo(new RollingBack(A.since(T2), Optional.empty()));
  }

  @Test
  void onlyARolloutCanBeRolledBack() {
    assertThat(PROGRESSING.rollbackTarget()).contains(A);
    assertThat(ANALYZING.rollbackTarget()).contains(A);
    assertThat(INITIALIZING.rollbackTarget()).isEmpty();
    assertThat(STABLE.rollbackTarget()).isEmpty();
    assertThat(ROLLING_BACK.rollbackTarget()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("states")
  void everyStateForgetsItsFailureAndKeepsTheRest(RolloutState state) {
    assertThat(state.clearFailure().failed()).isEmpty();
    assertThat(state.clearFailure()).hasSameClassAs(state);
    assertThat(state.clearFailure().current()).isEqualTo(state.current());
    assertThat(state.clearFailure().rollbackTarget()).isEqualTo(state.rollbackTarget());
  }

  @ParameterizedTest
  @MethodSource("states")
  void everyStateTakesAFresherModel(RolloutState state) {
    RolloutState fresher = state.withModel(C.model());
    assertThat(fresher).hasSameClassAs(state);
    assertThat(fresher.current().model()).isEqualTo(C.model());
    assertThat(fresher.current().id()).isEqualTo(state.current().id());
    assertThat(fresher.failed()).isEqualTo(state.failed());
  }

  @ParameterizedTest
  @MethodSource("states")
  void everyStateSurvivesTheAnnotation(RolloutState state) {
    assertThat(RolloutAnnotation.read(RolloutAnnotation.write(state))).contains(state);
  }

  @ParameterizedTest
  @MethodSource("states")
  void anAnnotationIsReadFromADeployment(RolloutState state) {
    assertThat(
            RolloutAnnotation.read(
                new DeploymentBuilder()
                    .withNewMetadata()
                    .addToAnnotations(RolloutAnnotation.NAME, RolloutAnnotation.write(state))
                    .endMetadata()
                    .build()))
        .contains(state);
  }

  @Test
  void anInvalidAnnotationIsIgnored() {
    for (String text :
        List.of(
            "",
            "{",
            "{}",
            RolloutAnnotation.write(STABLE).replace("Stable", "Steady"),
            RolloutAnnotation.write(STABLE).replace("availableSince", "since"),
            RolloutAnnotation.write(STABLE).replace("sha256:", ""))) {
      assertThat(RolloutAnnotation.read(text)).as(text).isEmpty();
    }
  }
}
