package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.irisoperator.model.Forest;
import io.irisoperator.model.GoldenFile;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import io.irisoperator.model.Precision;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Somebody changes the model while 200 predictions a second are asked for. */
class ChangeIT {
  private static final String NAME = "changing";
  private static final Duration LOAD = Duration.ofMinutes(30);

  private static Stack stack;
  private static List<ModelVersion> good;
  private static List<Map<String, byte[]>> goodFiles;

  private Load load;

  @BeforeAll
  static void registerModels() throws Exception {
    stack = new Stack();
    Faults.install(stack);
    good = new ArrayList<>();
    goodFiles = new ArrayList<>();
    for (int seed = 1; seed <= 3; seed++) {
      Run run = stack.mlflow.run(new Trainer(Stack.MLFLOW).train("e2e_changing", seed).runId());
      good.add(stack.mlflow.register(NAME, run, "iris-model"));
      goodFiles.add(stack.files(run));
    }
    stack.moveAlias(good.get(0), "champion");
    stack.apply(NAME, spec(""));
    stack.awaitReady(NAME, good.get(0).runId());
  }

  @AfterAll
  static void disconnect() {
    stack.delete(NAME);
    stack.close();
  }

  @BeforeEach
  void beginWithTheFirst() throws Exception {
    champion(0);
    stack.apply(NAME, spec(""));
    stack.awaitReady(NAME, good.get(0).runId());
    stack.awaitReplicas(NAME, 2);
    load = new Load(stack, NAME, goodFiles, LOAD);
  }

  @AfterEach
  void endLoad() {
    if (load != null) {
      load.close();
    }
  }

  /** Two replicas, by alias, whose pods do what the model's fault says. */
  private static String spec(String fault) {
    return """
    {model: {registered: {name: %s, alias: champion}},
     rollout: {progressDeadlineSeconds: 30, analysis: {duration: 30s, latencyP99Milliseconds: 500}},
     serving: {replicas: 2, podTemplate: %s}}
    """
        .formatted(NAME, Faults.podTemplate(fault));
  }

  private static void champion(int model) {
    stack.moveAlias(good.get(model), "champion");
  }

  private static String digest(int model) {
    return new ModelFolder(new TreeMap<>(goodFiles.get(model))).digest();
  }

  private static ModelVersion registered(Map<String, byte[]> files) throws Exception {
    return stack.mlflow.register(NAME, stack.finishedRun("e2e_changing", files), "iris-model");
  }

  private static Map<String, byte[]> with(String file, byte[] bytes) {
    Map<String, byte[]> files = new HashMap<>(goodFiles.get(1));
    files.put(file, bytes);
    return files;
  }

  private static Map<String, byte[]> truncated() {
    byte[] onnx = goodFiles.get(1).get(ModelFolder.ONNX);
    return with(ModelFolder.ONNX, Arrays.copyOf(onnx, onnx.length / 2));
  }

  private static Map<String, byte[]> wrongGolden() {
    GoldenRow wrong = new GoldenRow(List.of(5.1, 3.5, 1.4, 0.2), List.of(0.5f, 0.25f, 0.25f));
    return with(ModelFolder.GOLDEN, GoldenFile.write(List.of(wrong)));
  }

  private static Map<String, byte[]> fiveFeatures() throws Exception {
    Node leaf = new Node.Leaf(List.of(1f, 0f, 0f));
    Forest forest = Forest.of(Precision.FLOAT32, 5, 3, List.of(List.of(leaf)));
    return with(ModelFolder.ONNX, OnnxWriter.write(new OnnxForest(forest, List.of(), Map.of())));
  }

  private static Map<String, byte[]> fault(String fault) {
    return with("fault", fault.getBytes(StandardCharsets.UTF_8));
  }

  /** The condition comes, names these words, and the model that served goes on. */
  private static void assertRefused(
      Map<String, byte[]> files, int served, String reason, String... words) throws Exception {
    ModelVersion version = registered(files);
    Instant moved = Instant.now();
    stack.moveAlias(version, "champion");
    awaitDegraded(reason, words);
    Timings.say("broken model (%s) → condition".formatted(words[0]), moved, Instant.now());
    assertThat(stack.condition(NAME, ConditionType.READY).getStatus()).isEqualTo("False");
    IrisModelStatus status = stack.irisModel(NAME).get().getStatus();
    assertThat(status.model().runId()).isEqualTo(good.get(served).runId());
    if (reason.equals("RolledBack")) {
      assertThat(status.history().getFirst().ended()).startsWith("rolled back to run");
      assertThat(status.rejected().runId()).isEqualTo(version.runId());
    }
  }

  private static void awaitDegraded(String reason, String... words) {
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              Condition degraded = stack.condition(NAME, ConditionType.DEGRADED);
              assertThat(degraded.getStatus()).isEqualTo("True");
              assertThat(degraded.getReason()).isEqualTo(reason);
              assertThat(degraded.getMessage()).contains(words);
            });
  }

  @Test
  void goodModelsAreSwappedInAndBrokenOnesNeverServeAnAnswer() throws Throwable {
    int moves = Stack.FULL ? 20 : 3;
    // The last, never ready, has to be waited for longest.
    int breaks = Stack.FULL ? 5 : 4;
    int model = 0;
    List<Executable> broken =
        List.of(
            () -> assertRefused(truncated(), served(), "ModelInvalid", "truncated", "model.onnx"),
            () ->
                assertRefused(wrongGolden(), served(), "ModelInvalid", "must give", "golden.json"),
            () -> assertRefused(fiveFeatures(), served(), "ModelInvalid", "5 features"),
            () ->
                assertRefused(
                    fault("crash"),
                    served(),
                    "RolledBack",
                    "crashes",
                    "exit code 3",
                    "digest sha256:"),
            () ->
                assertRefused(
                    fault("never-ready"),
                    served(),
                    "RolledBack",
                    "not ready within 30 s",
                    "this model is never ready"));
    for (int move = 0; move < Math.max(moves, breaks); move++) {
      if (move < moves) {
        model = (model + 1) % good.size();
        Instant moved = Instant.now();
        champion(model);
        stack.awaitReady(NAME, good.get(model).runId());
        if (move < good.size() - 1) {
          Timings.say(
              "alias moved → first answer by the new model", moved, load.first(digest(model)));
        }
      }
      if (move < breaks) {
        broken.get(move).execute();
      }
    }
    champion(model);
    stack.awaitReady(NAME, good.get(model).runId());
    await().until(() -> stack.condition(NAME, ConditionType.DEGRADED).getStatus().equals("False"));
    load.assertFlawless();
    assertThat(load.answered()).containsExactlyInAnyOrder(digest(0), digest(1), digest(2));
    assertThat(stack.events(NAME)).contains("Resolved", "ModelInvalid", "RolledBack", "Serving");
    assertThat(stack.irisModel(NAME).get().getStatus().history())
        .anySatisfy(h -> assertThat(h.ended()).startsWith("replaced by run"));
  }

  private static int served() {
    String run = stack.irisModel(NAME).get().getStatus().model().runId();
    return good.stream().map(ModelVersion::runId).toList().indexOf(run);
  }

  @Test
  void withMlflowAwayPodsStartAndScaleAsBefore() throws Exception {
    stack.scaleMlflow(0);
    try {
      int many = Stack.FULL ? 5 : 3;
      stack.irisModel(NAME).scale(many);
      stack.awaitReplicas(NAME, many);
      for (String pod : stack.podNames(NAME)) {
        stack.client.pods().inNamespace(NAMESPACE).withName(pod).delete();
        stack.awaitPodGone(pod);
        stack.awaitReplicas(NAME, many);
      }
      load.assertFlawless();
      assertThat(stack.condition(NAME, ConditionType.READY).getStatus()).isEqualTo("True");
      assertThat(stack.condition(NAME, ConditionType.DEGRADED).getReason())
          .isEqualTo("MlflowUnreachable");
    } finally {
      stack.scaleMlflow(1);
    }
    List<String> uids = stack.podUids(NAME);
    await().until(() -> stack.condition(NAME, ConditionType.DEGRADED).getStatus().equals("False"));
    assertThat(stack.podUids(NAME)).isEqualTo(uids);
    stack.irisModel(NAME).scale(2);
    stack.awaitReplicas(NAME, 2);
    load.assertFlawless();
  }

  @Test
  void aDrainOfTheNodeFailsNoRequest() throws Exception {
    for (String pod : stack.podNames(NAME)) {
      await().until(() -> stack.client.pods().inNamespace(NAMESPACE).withName(pod).evict());
      stack.awaitPodGone(pod);
    }
    stack.awaitReplicas(NAME, 2);
    load.assertFlawless();
  }

  @Test
  void aByteFlippedInMlflowIsNoticedAndNotServed() throws Exception {
    Trainer.Ended trained = new Trainer(Stack.MLFLOW).train("e2e_changing", 9);
    Run run = stack.mlflow.run(trained.runId());
    byte[] requirements = stack.files(run).get("requirements.txt");
    String expected = new ModelFolder(new TreeMap<>(stack.files(run))).digest();
    requirements[0] ^= 1;
    stack.mlflow.artifacts().upload(run, "iris-model/requirements.txt", requirements);
    String found = new ModelFolder(new TreeMap<>(stack.files(run))).digest();
    Instant moved = Instant.now();
    stack.moveAlias(stack.mlflow.register(NAME, run, "iris-model"), "champion");
    awaitDegraded("DigestMismatch", run.runId(), expected, found);
    Timings.say("byte flipped in MLflow → condition", moved, Instant.now());
    assertThat(served()).isZero();
    load.assertFlawless();
  }

  @Test
  void aByteFlippedInTheClustersCopyIsNoticedAndNotServed() throws Exception {
    champion(1);
    stack.awaitReady(NAME, good.get(1).runId());
    champion(0);
    stack.awaitReady(NAME, good.get(0).runId());
    String copy = stack.flipByteInCopy(NAME, digest(1));
    Instant moved = Instant.now();
    champion(1);
    awaitDegraded("StoredModelCorrupt", copy, "expected is the digest " + digest(1), "delete it");
    Timings.say("byte flipped in the cluster's copy → condition", moved, Instant.now());
    assertThat(served()).isZero();
    load.assertFlawless();
    // The next step that the message names.
    stack.client.configMaps().inNamespace(NAMESPACE).withName(copy).delete();
    stack.awaitReady(NAME, good.get(1).runId());
    load.assertFlawless();
  }

  @Test
  void aPersonGoesBackToARunOfTheHistory() throws Exception {
    champion(2);
    stack.awaitReady(NAME, good.get(2).runId());
    stack.scaleMlflow(0);
    try {
      stack.patch(NAME, "{\"spec\":{\"rollout\":{\"rollbackTo\":\"" + digest(0) + "\"}}}");
      stack.awaitReady(NAME, good.get(0).runId());
      assertThat(stack.condition(NAME, ConditionType.MODEL_RESOLVED).getMessage())
          .contains("by rollout.rollbackTo: remove it");
      stack.patch(NAME, "{\"spec\":{\"rollout\":{\"rollbackTo\":\"nowhere\"}}}");
      awaitDegraded("NotInHistory", "nowhere", good.get(2).runId());
    } finally {
      stack.scaleMlflow(1);
      stack.patch(NAME, "{\"spec\":{\"rollout\":{\"rollbackTo\":null}}}");
    }
    stack.awaitReady(NAME, good.get(2).runId());
    load.assertFlawless();
  }

  @Test
  void aSlowServerAndAFailingOneAreGoneBackFromByTheirOwnMetrics() throws Exception {
    for (String fault : List.of("slow", "failing")) {
      Instant applied = Instant.now();
      stack.apply(NAME, spec(fault));
      awaitDegraded(
          "RolledBack",
          fault.equals("slow") ? "the 99th percentile of /predict is" : "answered with a 5xx",
          "rollout.analysis.");
      Timings.say(fault + " server applied → rolled back", applied, Instant.now());
      stack.apply(NAME, spec(""));
      stack.awaitReady(NAME, good.get(0).runId());
    }
  }
}
