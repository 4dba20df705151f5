package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.model.Forest;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import io.irisoperator.model.Precision;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.operator.api.ConditionType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Somebody names a model that cannot be served: what was served goes on, and the condition names
 * the culprit.
 */
class SourceFailureIT {
  private static final String NAME = "broken";
  private static final Duration SOON = Duration.ofSeconds(30);

  private static Stack stack;
  private static Run good;

  @BeforeAll
  static void serveAGoodOne() throws Exception {
    stack = new Stack();
    good = stack.trainedRun();
    stack.apply(NAME, byRun(good.runId()));
    stack.awaitReady(NAME, good.runId());
  }

  @AfterAll
  static void disconnect() {
    stack.delete(NAME);
    stack.close();
  }

  private static String byRun(String runId) {
    return "{model: {runId: " + runId + "}}";
  }

  /**
   * The condition tells, Degraded too, predictions go on; with the good run named again all is
   * well.
   */
  private static void assertTold(String spec, String reason, String... culprits) throws Exception {
    stack.apply(NAME, spec);
    assertCondition(reason, culprits);
    stack.apply(NAME, byRun(good.runId()));
    assertRecovered();
  }

  private static void assertCondition(String reason, String... culprits) throws Exception {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              Condition resolved = stack.condition(NAME, ConditionType.MODEL_RESOLVED);
              assertThat(resolved.getStatus()).isEqualTo("False");
              assertThat(resolved.getReason()).isEqualTo(reason);
              assertThat(resolved.getMessage()).contains(culprits);
            });
    assertThat(stack.condition(NAME, ConditionType.DEGRADED).getStatus()).isEqualTo("True");
    assertThat(stack.condition(NAME, ConditionType.AVAILABLE).getStatus()).isEqualTo("True");
    assertThat(stack.irisModel(NAME).get().getStatus().model().runId()).isEqualTo(good.runId());
    new Predictions(stack, NAME).assertAnswersAs(stack.files(good).get("model.onnx"), 2);
  }

  private static void assertRecovered() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(stack.condition(NAME, ConditionType.READY).getStatus()).isEqualTo("True");
              assertThat(stack.condition(NAME, ConditionType.DEGRADED).getStatus())
                  .isEqualTo("False");
            });
  }

  @Test
  void anUnknownRun() throws Exception {
    String unknown = "00000000000000000000000000000000";
    assertTold(byRun(unknown), "RunNotFound", unknown, "http://mlflow.mlops:5000");
  }

  @Test
  void anUnknownExperiment() throws Exception {
    assertTold("{model: {latest: {experiment: nowhere}}}", "ExperimentNotFound", "nowhere");
  }

  @Test
  void aRunWithoutTheArtifactUntilItIsThere() throws Exception {
    Run run = stack.finishedRun("e2e_broken", Map.of());
    stack.apply(NAME, byRun(run.runId()));
    assertCondition("ArtifactMissing", run.runId(), "iris-model");
    // Mended in MLflow, it recovers by itself.
    for (Map.Entry<String, byte[]> file : stack.files(good).entrySet()) {
      stack.mlflow.artifacts().upload(run, "iris-model/" + file.getKey(), file.getValue());
    }
    stack.awaitReady(NAME, run.runId());
    stack.apply(NAME, byRun(good.runId()));
    stack.awaitReady(NAME, good.runId());
  }

  @Test
  void aRunThatIsStillRunningUntilItIsFinished() throws Exception {
    Run run = stack.unfinishedRun("e2e_broken", stack.files(good));
    stack.apply(NAME, byRun(run.runId()));
    assertCondition("RunNotFinished", run.runId(), "RUNNING");
    stack.mlflow.end(run.runId(), RunStatus.FINISHED, Instant.now());
    stack.awaitReady(NAME, run.runId());
    stack.apply(NAME, byRun(good.runId()));
    stack.awaitReady(NAME, good.runId());
  }

  @Test
  void aRunThatHasFailed() throws Exception {
    Run run = stack.unfinishedRun("e2e_broken", stack.files(good));
    stack.mlflow.end(run.runId(), RunStatus.FAILED, Instant.now());
    assertTold(byRun(run.runId()), "RunFailed", run.runId(), "FAILED");
  }

  @Test
  void aModelThatIsNotOnnxUntilItIs() throws Exception {
    Run run =
        stack.finishedRun(
            "e2e_broken",
            Map.of("model.onnx", "<html>hello</html>".getBytes(StandardCharsets.UTF_8)));
    stack.apply(NAME, byRun(run.runId()));
    assertCondition("ModelInvalid", run.runId(), "model.onnx", "not an ONNX file");
    stack
        .mlflow
        .artifacts()
        .upload(run, "iris-model/model.onnx", stack.files(good).get("model.onnx"));
    stack.awaitReady(NAME, run.runId());
    stack.apply(NAME, byRun(good.runId()));
    stack.awaitReady(NAME, good.runId());
  }

  @Test
  void fourClasses() throws Exception {
    Run four = stack.finishedRun("e2e_broken", Map.of("model.onnx", stump(4, 4)));
    assertTold(byRun(four.runId()), "ModelInvalid", four.runId(), "model.onnx", "4 classes");
  }

  private static byte[] stump(int features, int classes) throws Exception {
    Node leaf = new Node.Leaf(Collections.nCopies(classes, 1f / classes));
    Forest forest = Forest.of(Precision.FLOAT32, features, classes, List.of(List.of(leaf)));
    return OnnxWriter.write(new OnnxForest(forest, List.of(), Map.of()));
  }

  @Test
  void mlflowAwayAndBack() throws Exception {
    String away = "http://mlflow-away.mlops:5000";
    assertTold(
        "{model: {runId: %s}, mlflow: {trackingUri: \"%s\"}}".formatted(good.runId(), away),
        "MlflowUnreachable",
        away);

    var mlflow = stack.client.apps().deployments().inNamespace(NAMESPACE).withName("mlflow");
    mlflow.scale(0);
    await()
        .until(
            () ->
                stack
                    .client
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withLabel("app.kubernetes.io/name", "mlflow")
                    .list()
                    .getItems()
                    .isEmpty());
    await()
        .atMost(SOON)
        .until(
            () ->
                stack
                    .condition(NAME, ConditionType.MODEL_RESOLVED)
                    .getReason()
                    .equals("MlflowUnreachable"));
    assertThat(stack.condition(NAME, ConditionType.READY).getStatus()).isEqualTo("True");
    assertThat(stack.irisModel(NAME).get().getStatus().readyReplicas()).isEqualTo(1);
    mlflow.scale(1);
    await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> stack.condition(NAME, ConditionType.MODEL_RESOLVED).getStatus().equals("True"));
    Stack.awaitAnswer(Stack.MLFLOW.resolve("/health"));
  }
}
