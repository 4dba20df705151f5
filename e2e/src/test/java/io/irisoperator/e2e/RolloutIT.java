package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.model.GoldenFile;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.ReplacementReason;
import io.irisoperator.testkit.TestForests;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A user changes the served model under a load of 200 predictions a second. */
class RolloutIT extends UnderLoad {
  private static final String EXPERIMENT = "e2e_rollout";

  RolloutIT(Stack stack) {
    super(stack, "rollout");
  }

  @Override
  Duration analysis() {
    return Duration.ofSeconds(Stack.FULL ? 30 : 15);
  }

  /** The files of the second version, with one of them replaced or added. */
  private Map<String, byte[]> with(String file, byte[] bytes) {
    Map<String, byte[]> files = new HashMap<>(champions.files().get(1));
    files.put(file, bytes);
    return files;
  }

  private Map<String, byte[]> truncated() {
    byte[] onnx = champions.files().get(1).get(ModelFolder.ONNX);
    return with(ModelFolder.ONNX, Arrays.copyOf(onnx, onnx.length / 2));
  }

  private Map<String, byte[]> wrongGoldenRow() {
    GoldenRow wrong = new GoldenRow(List.of(5.1, 3.5, 1.4, 0.2), List.of(0.5f, 0.25f, 0.25f));
    return with(ModelFolder.GOLDEN, GoldenFile.write(List.of(wrong)));
  }

  private Map<String, byte[]> fiveFeatures() throws Exception {
    return with(ModelFolder.ONNX, TestForests.constantOnnx(5, List.of(1f, 0f, 0f)));
  }

  private Map<String, byte[]> fault(String fault) {
    return with("fault", fault.getBytes(StandardCharsets.UTF_8));
  }

  /** Promotes a bad version, and asserts the condition and that the served model stays. */
  private void assertNotServed(Map<String, byte[]> files, Reason reason, String... words)
      throws Exception {
    int served = model.servedVersion();
    ModelVersion version = stack.mlflow.register(name, stack.mlflow.finishedRun(EXPERIMENT, files));
    Instant moved = Instant.now();
    stack.mlflow.moveAlias(version, ChampionVersions.ALIAS);
    model.awaitDegraded(reason, words);
    Timings.record("bad model (%s) → condition".formatted(words[0]), moved, Instant.now());
    assertThat(stack.irisModels.condition(name, ConditionType.READY).getStatus())
        .isEqualTo("False");
    IrisModelStatus status = stack.irisModels.status(name);
    assertThat(status.model().runId()).isEqualTo(champions.runId(served));
    if (reason == Reason.ROLLED_BACK) {
      assertThat(status.history().getFirst().reason()).isEqualTo(ReplacementReason.ROLLED_BACK);
      assertThat(status.history().getFirst().message()).startsWith("rolled back to run");
      assertThat(status.failedRollout().runId()).isEqualTo(version.runId());
    }
  }

  @Test
  void rollsOutGoodModelsAndNeverServesABadOne() throws Throwable {
    int goodRollouts = Stack.FULL ? 20 : 3;
    // The last bad model is never ready and takes the longest.
    int badRollouts = Stack.FULL ? 5 : 4;
    int version = 0;
    List<Executable> bad =
        List.of(
            () -> assertNotServed(truncated(), Reason.MODEL_INVALID, "truncated", "model.onnx"),
            () ->
                assertNotServed(wrongGoldenRow(), Reason.MODEL_INVALID, "must give", "golden.json"),
            () -> assertNotServed(fiveFeatures(), Reason.MODEL_INVALID, "5 features"),
            () ->
                assertNotServed(
                    fault("crash"),
                    Reason.ROLLED_BACK,
                    "crash-looping",
                    "exited with code 3",
                    "digest sha256:"),
            () ->
                assertNotServed(
                    fault("never-ready"),
                    Reason.ROLLED_BACK,
                    "not ready within 30 s",
                    "this model is never ready"));
    for (int rollout = 0; rollout < Math.max(goodRollouts, badRollouts); rollout++) {
      if (rollout < goodRollouts) {
        version = (version + 1) % champions.count();
        Instant moved = Instant.now();
        champions.promote(version);
        model.awaitReady(version);
        Timings.record(
            "alias moved → first response from the new model",
            moved,
            load.firstResponse(champions.digest(version), moved));
      }
      if (rollout < badRollouts) {
        bad.get(rollout).execute();
      }
    }
    champions.promote(version);
    model.awaitReady(version);
    model.awaitNotDegraded();
    load.assertNoErrors();
    assertThat(load.digests())
        .containsExactlyInAnyOrder(champions.digest(0), champions.digest(1), champions.digest(2));
    assertThat(stack.irisModels.eventReasons(name))
        .contains(
            Reason.RESOLVED.toString(),
            Reason.MODEL_INVALID.toString(),
            Reason.ROLLED_BACK.toString(),
            Reason.SERVING.toString());
    assertThat(stack.irisModels.status(name).history())
        .anyMatch(entry -> entry.reason() == ReplacementReason.SUPERSEDED);
  }

  @Test
  void aDrainFailsNoRequest() throws Exception {
    for (String pod : stack.irisModels.podNames(name)) {
      await().until(() -> stack.client.pods().inNamespace(NAMESPACE).withName(pod).evict());
      stack.pods.awaitDeleted(pod);
    }
    stack.irisModels.awaitReplicas(name, 2);
    load.assertNoErrors();
  }
}
