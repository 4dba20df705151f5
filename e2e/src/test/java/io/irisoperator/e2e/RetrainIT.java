package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.irisoperator.contract.RunTags;
import io.irisoperator.contract.TrainerExitCode;
import io.irisoperator.contract.TrainingDefaults;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.state.TrainingRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;

/** A user requests trainings. */
@ExtendWith(StackExtension.class)
@Order(1)
class RetrainIT {
  private final Stack stack;

  RetrainIT(Stack stack) {
    this.stack = stack;
  }

  private TrainingStatus training(String name) {
    return stack.irisModels.training(name);
  }

  @Test
  @Execution(CONCURRENT)
  void eachRequestCreatesOneJobAndOneRunThatIsServedAsTheLatest() throws Exception {
    stack.irisModels.apply(
        "retrained",
        """
        {model: {latest: {experiment: e2e_retrain}},
         training: {retrain: first, parameters: {nEstimators: 20, maxDepth: 6, randomState: 7}}}
        """);
    await().until(() -> training("retrained").phase() == TrainingPhase.SUCCEEDED);
    String first = training("retrained").runId();
    stack.irisModels.awaitReady("retrained", first);
    assertThat(stack.irisModels.jobs("retrained")).hasSize(1);
    Run run = stack.mlflow.client.run(first);
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
            "test_f1",
            "test_rows_out_of_range");
    assertThat(run.tags())
        .containsEntry("mlflow.runName", "iris-random-forest")
        .containsEntry(RunTags.IRIS_MODEL, "mlops/retrained")
        .containsEntry(RunTags.JOB, training("retrained").job())
        .containsKeys(RunTags.TRAIN_DATA_DIGEST, RunTags.TEST_DATA_DIGEST);
    assertThat(stack.mlflow.files(run).keySet())
        .contains(
            "MLmodel",
            ModelFolder.ONNX,
            ModelFolder.GOLDEN,
            "requirements.txt",
            "conda.yaml",
            "python_env.yaml");
    assertThat(stack.mlflow.client.artifacts().download(run.artifactUri(), 1 << 26).keySet())
        .contains(
            "confusion_matrix.svg",
            "confusion_matrix.json",
            "feature_importances.svg",
            "feature_importances.json");

    stack.irisModels.annotateRetrain("retrained", "second");
    await()
        .until(
            () ->
                training("retrained").phase() == TrainingPhase.SUCCEEDED
                    && !training("retrained").runId().equals(first));
    stack.irisModels.awaitReady("retrained", training("retrained").runId());
    assertThat(stack.irisModels.jobs("retrained")).hasSize(2);
    assertThat(stack.mlflow.client.searchRuns(run.experimentId(), "", 10)).hasSize(2);
    assertThat(stack.irisModels.status("retrained").history())
        .extracting(served -> served.model().runId())
        .containsExactly(first);
    assertThat(stack.irisModels.eventReasons("retrained"))
        // Not TrainingRunning: a training of a second may end before the operator observes it.
        .contains(
            Reason.TRAINING_PENDING.toString(),
            Reason.TRAINING_SUCCEEDED.toString(),
            Reason.RESOLVED.toString(),
            Reason.SERVING.toString())
        .doesNotContain(Reason.RUN_NOT_FOUND.toString(), Reason.APPLY_FAILED.toString());
    stack.irisModels.delete("retrained");
  }

  @Test
  @Execution(CONCURRENT)
  void aDeletedJobIsNotCreatedAgainEvenIfTheStatusIsLost() throws Exception {
    stack.irisModels.apply(
        "job-deleted",
        "{model: {latest: {experiment: e2e_job_deleted}}, training: {retrain: once, parameters: {nEstimators: 5}}}");
    await().until(() -> training("job-deleted").phase() == TrainingPhase.SUCCEEDED);
    String job = training("job-deleted").job();
    String run = training("job-deleted").runId();
    stack.irisModels.awaitReady("job-deleted", run);
    stack.client.batch().v1().jobs().inNamespace(NAMESPACE).withName(job).delete();
    await().until(() -> stack.irisModels.jobs("job-deleted").isEmpty());
    stack
        .irisModels
        .resource("job-deleted")
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/status\"}]");
    // Any change makes the operator reconcile.
    stack.irisModels.patch("job-deleted", "{\"spec\":{\"serving\":{\"replicas\":1}}}");
    await().until(() -> training("job-deleted").phase() == TrainingPhase.SUCCEEDED);
    assertThat(training("job-deleted").runId()).isEqualTo(run);
    assertThat(stack.irisModels.jobs("job-deleted")).isEmpty();
    stack.irisModels.delete("job-deleted");
  }

  @Test
  @Execution(CONCURRENT)
  void aFailedTrainingReportsWhyAndTheModelIsStillServed() throws Exception {
    Run trained = stack.mlflow.trainedRun();
    stack.irisModels.apply("failed", "{model: {runId: " + trained.runId() + "}}");
    stack.irisModels.awaitReady("failed", trained.runId());
    // No JVM starts with this memory limit.
    stack.irisModels.apply(
        "failed",
        "{model: {runId: %s}, training: {retrain: x, resources: {limits: {memory: 8Mi}, requests: {memory: 8Mi}}}}"
            .formatted(trained.runId()));
    await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> training("failed").phase() == TrainingPhase.FAILED);
    assertThat(training("failed").message()).contains(training("failed").job(), " failed: ");
    assertThat(stack.irisModels.condition("failed", ConditionType.TRAINING).getReason())
        .isEqualTo(Reason.TRAINING_FAILED.toString());
    assertThat(stack.irisModels.condition("failed", ConditionType.DEGRADED).getStatus())
        .isEqualTo("True");
    assertThat(stack.irisModels.condition("failed", ConditionType.READY).getStatus())
        .isEqualTo("True");
    stack.irisModels.delete("failed");
  }

  @Test
  @Execution(CONCURRENT)
  void aTrainingOnUserDataIsRegisteredAndServedByItsAlias() throws Exception {
    String spec =
        """
        {model: {registered: {name: e2e_registered, alias: champion}}, rollout: {analysis: {duration: 0s}},
         training: {retrain: %s, experiment: e2e_registered, parameters: {nEstimators: 5}, %s,
                    registration: {name: e2e_registered, alias: champion, minAccuracy: %s}}}
        """;
    String rows = "data: {configMapName: registered-rows}";
    stack.irisModels.apply("registered", spec.formatted("first", rows, "0.8"));
    await()
        .until(
            () ->
                training("registered").message().contains("when ConfigMap registered-rows")
                    && stack.irisModels.hasReason(
                        "registered",
                        ConditionType.MODEL_RESOLVED,
                        Reason.REGISTERED_MODEL_NOT_FOUND));
    stack
        .client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withName("registered-rows")
                .withNamespace(NAMESPACE)
                .endMetadata()
                .addToData("iris_train.csv", sample(TestData.TRAIN_FILE, 200))
                .addToData("iris_test.csv", sample(TestData.TEST_FILE, 200))
                .build())
        .create();
    await().until(() -> training("registered").phase() == TrainingPhase.SUCCEEDED);
    TrainingStatus first = training("registered");
    assertThat(first.message())
        .contains("registered as version 1 of e2e_registered, alias champion moved to it");
    assertThat(first.metrics()).containsKeys("test_accuracy", "test_f1");
    assertThat(first.duration()).endsWith("s");
    stack.irisModels.awaitReady("registered", first.runId());
    assertThat(stack.irisModels.status("registered").model().version()).isEqualTo("1");

    // Below the minimum accuracy a model is registered, but it does not get the alias.
    stack.irisModels.apply("registered", spec.formatted("second", rows, "1.0"));
    await()
        .until(
            () ->
                training("registered").request().equals("second")
                    && training("registered").phase() == TrainingPhase.SUCCEEDED);
    assertThat(training("registered").message())
        .contains(
            "version 2",
            "alias champion not moved: the accuracy is below training.registration.minAccuracy (1.0)");
    stack.irisModels.awaitReady("registered", first.runId());

    // Data at a URL with another digest: the message has both digests, and there is no retry.
    String url =
        MlflowServer.CLUSTER_ADDRESS
            + "/api/2.0/mlflow-artifacts/artifacts/"
            + stack.mlflow.folder(stack.mlflow.trainedRun()).replaceFirst("mlflow-artifacts:/+", "")
            + "/requirements.txt";
    String digest = "sha256:" + "0".repeat(64);
    stack.irisModels.apply(
        "registered",
        spec.formatted("third", "data: {url: \"%s\", digest: \"%s\"}".formatted(url, digest), "0"));
    await()
        .until(
            () ->
                training("registered").request().equals("third")
                    && training("registered").phase() == TrainingPhase.FAILED);
    assertThat(training("registered").message()).contains(url, "expected " + digest);
    String job = training("registered").job();
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
    stack.irisModels.delete("registered");
    stack.client.configMaps().inNamespace(NAMESPACE).withName("registered-rows").delete();
  }

  /** Every n-th row, so that all three species are in the sample. */
  private static String sample(Path file, int rows) throws Exception {
    List<String> lines = Files.readAllLines(file);
    int step = lines.size() / rows;
    StringBuilder sample = new StringBuilder(lines.getFirst()).append('\n');
    for (int line = 1; line < lines.size(); line += step) {
      sample.append(lines.get(line)).append('\n');
    }
    return sample.toString();
  }

  @Test
  @Execution(CONCURRENT)
  void aScheduleCreatesOneJobEachTime() throws Exception {
    stack.irisModels.apply(
        "scheduled",
        "{model: {latest: {experiment: e2e_scheduled}}, training: {schedule: \"* * * * *\", parameters: {nEstimators: 5}}}");
    await().until(() -> stack.irisModels.status("scheduled").schedule().next() != null);
    await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> scheduledTraining().phase() == TrainingPhase.SUCCEEDED);
    assertThat(stack.irisModels.jobs("scheduled"))
        .extracting(job -> job.getMetadata().getAnnotations().get(TrainingRequest.ANNOTATION))
        .isNotEmpty()
        .doesNotHaveDuplicates();
    assertThat(scheduledTraining().request()).matches("schedule, due 20.*:00Z");
    stack.irisModels.delete("scheduled");
  }

  private TrainingStatus scheduledTraining() {
    return stack.irisModels.status("scheduled").training(TrainingTrigger.SCHEDULE).orElseThrow();
  }

  @Test
  @Execution(CONCURRENT)
  void anInvalidRowFailsTheRunWithFileAndLineInATag() throws Exception {
    Path invalid = Files.createTempFile("invalid", ".csv");
    Files.writeString(
        invalid,
        Files.readString(TestData.TRAIN_FILE).lines().limit(2).collect(Collectors.joining("\n"))
            + "\n5.1,3.5,wide,0.2,0,setosa\n");
    Trainer.Result result = new Trainer(MlflowServer.ADDRESS).train(invalid, "e2e_invalid_row");
    String message = invalid + ":3: petal_length must be a finite number of cm, not 'wide'";
    assertThat(result.exitCode()).isEqualTo(TrainerExitCode.NON_RETRYABLE);
    assertThat(result.terminationMessage()).isEqualTo(message);
    String experiment = stack.mlflow.client.experimentId("e2e_invalid_row").orElseThrow();
    Run run = stack.mlflow.client.searchRuns(experiment, "", 1).getFirst();
    assertThat(run.status()).isEqualTo(RunStatus.FAILED);
    assertThat(run.tags()).containsEntry(RunTags.FAILURE, message);
  }

  @Test
  @Execution(CONCURRENT)
  void logsARunToAnMlflow2Server() throws Exception {
    // The other tests log to the MLflow 3.x server of the cluster.
    try (HostMlflow mlflow2 = HostMlflow.version2(stack)) {
      Trainer.Result result = new Trainer(mlflow2.uri()).train(TestData.TRAIN_FILE, "e2e");
      Run run = mlflow2.client().run(result.runId());
      assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
      assertThat(run.metrics()).hasSize(9);
      String folder =
          mlflow2
              .client()
              .artifacts()
              .modelFolder(run, TrainingDefaults.ARTIFACT_PATH)
              .orElseThrow()
              .artifactUri();
      assertThat(new TreeMap<>(mlflow2.client().artifacts().download(folder, 1 << 26)).keySet())
          .contains("MLmodel", ModelFolder.ONNX);
    }
  }
}
