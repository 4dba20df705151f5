package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;

/** Somebody asks for a training. */
@ResourceLock(
    value = RetrainIT.OPERATOR,
    mode = ResourceAccessMode.READ,
    target = ResourceLockTarget.CHILDREN)
class RetrainIT {
  static final String OPERATOR = "operator";

  private static Stack stack;

  @BeforeAll
  static void connect() {
    stack = new Stack();
  }

  @AfterAll
  static void disconnect() {
    stack.close();
  }

  private static List<Job> jobs(String name) {
    return stack
        .client
        .batch()
        .v1()
        .jobs()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/instance", name)
        .list()
        .getItems();
  }

  private static TrainingStatus training(String name) {
    return training(name, TrainingTrigger.REQUEST);
  }

  private static TrainingStatus training(String name, TrainingTrigger trigger) {
    return stack.irisModel(name).get().getStatus().training(trigger).orElseThrow();
  }

  private static void annotate(String name, String request) {
    stack
        .irisModel(name)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"annotations\":{\"iris-operator.io/retrain\":\"" + request + "\"}}}");
  }

  @Test
  @Execution(CONCURRENT)
  void oneRequestIsOneJobAndOneFinishedRunThatLatestRollsTo() throws Exception {
    stack.apply(
        "retrained",
        """
        {model: {latest: {experiment: e2e_retrain}},
         training: {retrain: first, parameters: {nEstimators: 20, maxDepth: 6, randomState: 7}}}
        """);
    await().until(() -> training("retrained").phase() == TrainingPhase.SUCCEEDED);
    String first = training("retrained").runId();
    stack.awaitReady("retrained", first);
    assertThat(jobs("retrained")).hasSize(1);
    Run run = stack.mlflow.run(first);
    assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
    assertThat(run.params())
        .isEqualTo(
            Map.of(
                "n_estimators", "20",
                "max_depth", "6",
                "min_samples_split", "2",
                "min_samples_leaf", "1",
                "random_state", "7"));
    assertThat(run.metrics().keySet())
        .containsExactlyInAnyOrder(
            "train_accuracy",
            "train_precision",
            "train_recall",
            "train_f1",
            "test_accuracy",
            "test_precision",
            "test_recall",
            "test_f1");
    assertThat(run.tags())
        .containsEntry("mlflow.runName", "iris-random-forest")
        .containsEntry("iris-operator.io/model", "mlops/retrained")
        .containsEntry("iris-operator.io/job", training("retrained").job())
        .containsKeys("iris-operator.io/train-data-digest", "iris-operator.io/test-data-digest");
    assertThat(stack.files(run).keySet())
        .contains(
            "MLmodel",
            "model.onnx",
            "golden.json",
            "requirements.txt",
            "conda.yaml",
            "python_env.yaml");
    assertThat(stack.mlflow.artifacts().download(run.artifactUri(), 1 << 26).keySet())
        .contains(
            "confusion_matrix.svg",
            "confusion_matrix.json",
            "feature_importances.svg",
            "feature_importances.json");

    annotate("retrained", "second");
    await()
        .until(
            () ->
                training("retrained").phase() == TrainingPhase.SUCCEEDED
                    && !training("retrained").runId().equals(first));
    stack.awaitReady("retrained", training("retrained").runId());
    assertThat(jobs("retrained")).hasSize(2);
    assertThat(stack.mlflow.searchRuns(run.experimentId(), "", 10)).hasSize(2);
    assertThat(stack.irisModel("retrained").get().getStatus().history())
        .extracting(served -> served.model().runId())
        .containsExactly(first);
    assertThat(stack.events("retrained"))
        // Not TrainingRunning: a training of a second may be over before anybody looks.
        .contains("TrainingPending", "TrainingSucceeded", "Resolved", "Serving")
        .doesNotContain("RunNotFound", "ApplyFailed");
    stack.delete("retrained");
  }

  @Test
  @Execution(CONCURRENT)
  void aJobThatIsGoneIsNotDoneAgainNorWhenStatusIsLostToo() throws Exception {
    stack.apply(
        "remembered",
        "{model: {latest: {experiment: e2e_remembered}}, training: {retrain: once, parameters: {nEstimators: 5}}}");
    await().until(() -> training("remembered").phase() == TrainingPhase.SUCCEEDED);
    String job = training("remembered").job();
    String run = training("remembered").runId();
    stack.awaitReady("remembered", run);
    stack.client.batch().v1().jobs().inNamespace(NAMESPACE).withName(job).delete();
    await().until(() -> jobs("remembered").isEmpty());
    stack
        .irisModel("remembered")
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/status\"}]");
    // The next change makes the operator look.
    annotateOther("remembered");
    await().until(() -> training("remembered").phase() == TrainingPhase.SUCCEEDED);
    assertThat(training("remembered").runId()).isEqualTo(run);
    assertThat(jobs("remembered")).isEmpty();
    stack.delete("remembered");
  }

  private static void annotateOther(String name) {
    stack
        .irisModel(name)
        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"serving\":{\"replicas\":1}}}");
  }

  @Test
  @Execution(CONCURRENT)
  @ResourceLock(OPERATOR)
  void twoOperatorsAtOnceStillMakeOneJobAndOneRun() throws Exception {
    var operator =
        stack.client.apps().deployments().inNamespace(NAMESPACE).withName("iris-operator");
    operator.edit(
        d -> {
          d.getSpec().setReplicas(2);
          d.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
              .filter(e -> e.getName().equals("LEADER_ELECTION"))
              .forEach(e -> e.setValue("false"));
          return d;
        });
    await()
        .until(
            () -> {
              var status = operator.get().getStatus();
              return status.getUpdatedReplicas() == 2
                  && status.getReplicas() == 2
                  && status.getReadyReplicas() == 2;
            });
    try {
      stack.apply(
          "doubled",
          "{model: {latest: {experiment: e2e_doubled}}, training: {retrain: once, parameters: {nEstimators: 5}}}");
      await().until(() -> training("doubled").phase() == TrainingPhase.SUCCEEDED);
      stack.awaitReady("doubled", training("doubled").runId());
      assertThat(jobs("doubled")).hasSize(1);
      String experiment = stack.mlflow.experimentId("e2e_doubled").orElseThrow();
      assertThat(stack.mlflow.searchRuns(experiment, "", 10)).hasSize(1);
      stack.delete("doubled");
    } finally {
      operator.edit(
          d -> {
            d.getSpec().setReplicas(1);
            d.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .filter(e -> e.getName().equals("LEADER_ELECTION"))
                .forEach(e -> e.setValue("true"));
            return d;
          });
      await()
          .until(
              () -> {
                var status = operator.get().getStatus();
                return status.getUpdatedReplicas() == 1
                    && status.getReplicas() == 1
                    && status.getReadyReplicas() == 1;
              });
    }
  }

  @Test
  @Execution(CONCURRENT)
  void aTrainingThatFailsSaysWhyAndLeavesWhatIsServed() throws Exception {
    Run trained = stack.trainedRun();
    stack.apply("failed", "{model: {runId: " + trained.runId() + "}}");
    stack.awaitReady("failed", trained.runId());
    // A memory limit that no JVM starts in.
    stack.apply(
        "failed",
        "{model: {runId: %s}, training: {retrain: x, resources: {limits: {memory: 8Mi}, requests: {memory: 8Mi}}}}"
            .formatted(trained.runId()));
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> training("failed").phase() == TrainingPhase.FAILED);
    assertThat(training("failed").message()).contains(training("failed").job(), " failed: ");
    assertThat(stack.condition("failed", ConditionType.TRAINING).getReason())
        .isEqualTo("TrainingFailed");
    assertThat(stack.condition("failed", ConditionType.DEGRADED).getStatus()).isEqualTo("True");
    assertThat(stack.condition("failed", ConditionType.READY).getStatus()).isEqualTo("True");
    stack.delete("failed");
  }

  /** Data from a ConfigMap; the model that comes of them is registered, gets the alias, serves. */
  @Test
  @Execution(CONCURRENT)
  void aTrainingOnOnesOwnRowsIsRegisteredAndServedByItsAlias() throws Exception {
    String spec =
        """
        {model: {registered: {name: e2e_looped, alias: champion}}, rollout: {analysis: {duration: 0s}},
         training: {retrain: %s, experiment: e2e_looped, parameters: {nEstimators: 5}, %s,
                    registration: {name: e2e_looped, alias: champion, minAccuracy: %s}}}
        """;
    String rows = "data: {configMapName: looped-rows}";
    stack.apply("looped", spec.formatted("first", rows, "0.8"));
    await()
        .until(
            () ->
                training("looped").message().contains("when ConfigMap looped-rows")
                    && stack
                        .condition("looped", ConditionType.MODEL_RESOLVED)
                        .getReason()
                        .equals("RegisteredModelNotFound"));
    stack
        .client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("looped-rows")
                .withNamespace(NAMESPACE)
                .endMetadata()
                .addToData("iris_train.csv", head(TestRows.TRAIN, 200))
                .addToData("iris_test.csv", head(TestRows.TEST, 200))
                .build())
        .create();
    await().until(() -> training("looped").phase() == TrainingPhase.SUCCEEDED);
    TrainingStatus first = training("looped");
    assertThat(first.message())
        .contains("registered as version 1 of e2e_looped, alias champion moved to it");
    assertThat(first.metrics()).containsKeys("test_accuracy", "test_f1");
    assertThat(first.duration()).endsWith("s");
    stack.awaitReady("looped", first.runId());
    assertThat(stack.irisModel("looped").get().getStatus().model().version()).isEqualTo("1");

    // Not good enough for the alias: registered all the same, and not served.
    stack.apply("looped", spec.formatted("second", rows, "1.0"));
    await()
        .until(
            () ->
                training("looped").request().equals("second")
                    && training("looped").phase() == TrainingPhase.SUCCEEDED);
    assertThat(training("looped").message())
        .contains(
            "version 2",
            "alias champion not moved: the accuracy is below training.registration.minAccuracy (1.0)");
    stack.awaitReady("looped", first.runId());

    // Rows from a URL that are not what was meant: said with both digests, and not tried again.
    String url =
        "http://mlflow.mlops:5000/api/2.0/mlflow-artifacts/artifacts/"
            + stack.trainedRun().artifactUri().replaceFirst("mlflow-artifacts:/+", "")
            + "/iris-model/requirements.txt";
    String digest = "sha256:" + "0".repeat(64);
    stack.apply(
        "looped",
        spec.formatted("third", "data: {url: \"%s\", digest: \"%s\"}".formatted(url, digest), "0"));
    await()
        .until(
            () ->
                training("looped").request().equals("third")
                    && training("looped").phase() == TrainingPhase.FAILED);
    assertThat(training("looped").message()).contains(url, "expected is " + digest);
    String job = training("looped").job();
    assertThat(
            stack
                .client
                .batch()
                .v1()
                .jobs()
                .inNamespace(NAMESPACE)
                .withName(job)
                .get()
                .getStatus()
                .getFailed())
        .isEqualTo(1);
    stack.delete("looped");
    stack.client.configMaps().inNamespace(NAMESPACE).withName("looped-rows").delete();
  }

  private static String head(Path file, int rows) throws Exception {
    // Every n-th, for all three species.
    List<String> lines = Files.readAllLines(file);
    int step = lines.size() / rows;
    StringBuilder head = new StringBuilder(lines.getFirst()).append('\n');
    for (int line = 1; line < lines.size(); line += step) {
      head.append(lines.get(line)).append('\n');
    }
    return head.toString();
  }

  @Test
  @Execution(CONCURRENT)
  void aScheduleAsksForOneJobEachTime() throws Exception {
    stack.apply(
        "scheduled",
        "{model: {latest: {experiment: e2e_scheduled}}, training: {schedule: \"* * * * *\", parameters: {nEstimators: 5}}}");
    await().until(() -> stack.irisModel("scheduled").get().getStatus().schedule().next() != null);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () ->
                training("scheduled", TrainingTrigger.SCHEDULE).phase() == TrainingPhase.SUCCEEDED);
    assertThat(jobs("scheduled"))
        .extracting(job -> job.getMetadata().getAnnotations().get("iris-operator.io/retrain"))
        .isNotEmpty()
        .doesNotHaveDuplicates();
    assertThat(training("scheduled", TrainingTrigger.SCHEDULE).request())
        .matches("schedule, due 20.*:00Z");
    stack.delete("scheduled");
  }

  @Test
  @Execution(CONCURRENT)
  void aBadRowFailsTheRunWithFileAndLineAsATag() throws Exception {
    Path bad = Files.createTempFile("bad", ".csv");
    Files.writeString(
        bad,
        Files.readString(TestRows.TRAIN).lines().limit(2).collect(Collectors.joining("\n"))
            + "\n5.1,3.5,wide,0.2,0,setosa\n");
    Trainer.Ended ended = new Trainer(Stack.MLFLOW).train(bad, "e2e_bad_row");
    String culprit = bad + ":3: petal_length must be a number of cm from 0 to 1000, it is 'wide'";
    // Exit code 2 tells the Job not to try again.
    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.lastWord()).isEqualTo(culprit);
    String experiment = stack.mlflow.experimentId("e2e_bad_row").orElseThrow();
    Run run = stack.mlflow.searchRuns(experiment, "", 1).getFirst();
    assertThat(run.status()).isEqualTo(RunStatus.FAILED);
    assertThat(run.tags()).containsEntry("iris-operator.io/failure", culprit);
  }

  @Test
  @Execution(CONCURRENT)
  void mlflowsNewestServerAndA2xOneTakeARun() throws Exception {
    // 3.x is the one in the cluster; 2.x runs on this machine, for this test only.
    try (Mlflow2 mlflow2 = new Mlflow2(stack)) {
      Trainer.Ended ended = new Trainer(mlflow2.uri()).train(TestRows.TRAIN, "e2e");
      Run run = mlflow2.client().run(ended.runId());
      assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(run.metrics()).hasSize(8);
      String folder =
          mlflow2.client().artifacts().modelFolder(run, "iris-model").orElseThrow().artifactUri();
      assertThat(new TreeMap<>(mlflow2.client().artifacts().download(folder, 1 << 26)).keySet())
          .contains("MLmodel", "model.onnx");
    }
  }
}
