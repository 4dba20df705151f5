package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.testkit.TestForests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A user selects a model that cannot be served. The previous model is still served, and the
 * condition names the problem.
 */
@ExtendWith(StackExtension.class)
class ModelResolutionIT {
  private static final String NAME = "unservable";
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static Run good;

  private final Stack stack;

  ModelResolutionIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void serveAGoodModel(Stack stack) throws Exception {
    good = stack.mlflow.trainedRun();
    stack.irisModels.apply(NAME, byRun(good.runId()));
    stack.irisModels.awaitReady(NAME, good.runId());
  }

  @AfterAll
  static void delete(Stack stack) {
    stack.irisModels.delete(NAME);
  }

  @Test
  void findsTheNewestModelBehindDozensOfRunsWithoutOne() throws Exception {
    String experiment = "e2e_behind";
    String trained = new Trainer(MlflowServer.ADDRESS).train(experiment, 1).runId();
    for (int n = 0; n < 25; n++) {
      stack.mlflow.finishedRun(experiment, Map.of());
    }
    stack.irisModels.apply("behind", "{model: {latest: {experiment: " + experiment + "}}}");
    stack.irisModels.awaitReady("behind", trained);
    stack.irisModels.delete("behind");
  }

  @Test
  void followsAnExperimentThatWasMadeAgainUnderItsOldName() throws Exception {
    String experiment = "e2e_renamed";
    String first = stack.mlflow.finishedRun(experiment, files()).runId();
    stack.irisModels.apply("renamed", "{model: {latest: {experiment: " + experiment + "}}}");
    stack.irisModels.awaitReady("renamed", first);
    stack.mlflow.renameExperiment(experiment, "e2e_renamed_away");
    String second = stack.mlflow.finishedRun(experiment, files()).runId();
    stack.irisModels.awaitReady("renamed", second, Duration.ofMinutes(2));
    stack.irisModels.delete("renamed");
  }

  private static Map<String, byte[]> files() throws Exception {
    return Map.of(ModelFolder.ONNX, TestForests.constantOnnx(4, List.of(1f, 0f, 0f)));
  }

  private static String byRun(String runId) {
    return "{model: {runId: " + runId + "}}";
  }

  /**
   * Asserts that a spec makes the IrisModel degraded while the good model is still served, and that
   * it recovers with the good run.
   */
  private void assertUnresolved(String spec, Reason reason, String... words) throws Exception {
    stack.irisModels.apply(NAME, spec);
    assertCondition(reason, words);
    stack.irisModels.apply(NAME, byRun(good.runId()));
    assertRecovered();
  }

  private void assertCondition(Reason reason, String... words) throws Exception {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              Condition resolved = stack.irisModels.condition(NAME, ConditionType.MODEL_RESOLVED);
              assertThat(resolved.getStatus()).isEqualTo("False");
              assertThat(resolved.getReason()).isEqualTo(reason.toString());
              assertThat(resolved.getMessage()).contains(words);
            });
    assertThat(stack.irisModels.condition(NAME, ConditionType.DEGRADED).getStatus())
        .isEqualTo("True");
    assertThat(stack.irisModels.condition(NAME, ConditionType.AVAILABLE).getStatus())
        .isEqualTo("True");
    assertThat(stack.irisModels.status(NAME).model().runId()).isEqualTo(good.runId());
    new PredictionClient(stack, NAME).assertPredictsLikeOnnxRuntime(stack.mlflow.onnx(good), 2);
  }

  private void assertRecovered() {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(stack.irisModels.condition(NAME, ConditionType.READY).getStatus())
                  .isEqualTo("True");
              assertThat(stack.irisModels.condition(NAME, ConditionType.DEGRADED).getStatus())
                  .isEqualTo("False");
            });
  }

  @Test
  void reportsARunThatDoesNotExist() throws Exception {
    String unknown = "00000000000000000000000000000000";
    assertUnresolved(byRun(unknown), Reason.RUN_NOT_FOUND, unknown, MlflowServer.CLUSTER_ADDRESS);
  }

  @Test
  void reportsAnExperimentThatDoesNotExist() throws Exception {
    assertUnresolved(
        "{model: {latest: {experiment: nowhere}}}", Reason.EXPERIMENT_NOT_FOUND, "nowhere");
  }

  @Test
  void reportsAMissingArtifactUntilItIsUploaded() throws Exception {
    Run run = stack.mlflow.finishedRun("e2e_unservable", Map.of());
    stack.irisModels.apply(NAME, byRun(run.runId()));
    assertCondition(Reason.ARTIFACT_MISSING, run.runId(), "iris-model");
    // Once the run is complete in MLflow, the IrisModel recovers by itself.
    stack.mlflow.upload(run, stack.mlflow.files(good));
    stack.irisModels.awaitReady(NAME, run.runId());
    stack.irisModels.apply(NAME, byRun(good.runId()));
    stack.irisModels.awaitReady(NAME, good.runId());
  }

  @Test
  void reportsARunningRunUntilItIsFinished() throws Exception {
    Run run = stack.mlflow.unfinishedRun("e2e_unservable", stack.mlflow.files(good));
    stack.irisModels.apply(NAME, byRun(run.runId()));
    assertCondition(Reason.RUN_NOT_FINISHED, run.runId(), "RUNNING");
    stack.mlflow.client.end(run.runId(), RunStatus.FINISHED, Instant.now());
    stack.irisModels.awaitReady(NAME, run.runId());
    stack.irisModels.apply(NAME, byRun(good.runId()));
    stack.irisModels.awaitReady(NAME, good.runId());
  }

  @Test
  void reportsAFailedRun() throws Exception {
    Run run = stack.mlflow.unfinishedRun("e2e_unservable", stack.mlflow.files(good));
    stack.mlflow.client.end(run.runId(), RunStatus.FAILED, Instant.now());
    assertUnresolved(byRun(run.runId()), Reason.RUN_FAILED, run.runId(), "FAILED");
  }

  @Test
  void reportsAFileThatIsNotOnnxUntilItIsReplaced() throws Exception {
    Run run =
        stack.mlflow.finishedRun(
            "e2e_unservable",
            Map.of(ModelFolder.ONNX, "<html>hello</html>".getBytes(StandardCharsets.UTF_8)));
    stack.irisModels.apply(NAME, byRun(run.runId()));
    assertCondition(Reason.MODEL_INVALID, run.runId(), "model.onnx", "not an ONNX file");
    stack.mlflow.upload(run, Map.of(ModelFolder.ONNX, stack.mlflow.onnx(good)));
    stack.irisModels.awaitReady(NAME, run.runId());
    stack.irisModels.apply(NAME, byRun(good.runId()));
    stack.irisModels.awaitReady(NAME, good.runId());
  }

  @Test
  void reportsAModelOfFourClasses() throws Exception {
    Run four =
        stack.mlflow.finishedRun(
            "e2e_unservable",
            Map.of(ModelFolder.ONNX, TestForests.constantOnnx(4, List.of(.25f, .25f, .25f, .25f))));
    assertUnresolved(
        byRun(four.runId()), Reason.MODEL_INVALID, four.runId(), "model.onnx", "4 classes");
  }

  @Test
  void reportsAnUnreachableMlflow() throws Exception {
    String unreachable = "http://mlflow-missing.mlops:5000";
    assertUnresolved(
        "{model: {runId: %s}, mlflow: {trackingUri: \"%s\"}}".formatted(good.runId(), unreachable),
        Reason.MLFLOW_UNREACHABLE,
        unreachable);
  }
}
