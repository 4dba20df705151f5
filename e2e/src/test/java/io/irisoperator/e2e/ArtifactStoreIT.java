package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A user has an MLflow that serves no artifacts: its clients read and write the store themselves.
 */
@Tag("node")
@ExtendWith(StackExtension.class)
class ArtifactStoreIT {
  private static final List<String> NAMES = List.of("bucket", "folder");

  private final Stack stack;

  ArtifactStoreIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void trainsAndServesWithABucketThatOnlyMlflowCanRead() throws Exception {
    try (S3Server s3 = S3Server.start(stack, "models")) {
      Map<String, String> bucket =
          Map.of(
              "AWS_ACCESS_KEY_ID", "any",
              "AWS_SECRET_ACCESS_KEY", "any",
              "AWS_DEFAULT_REGION", "us-east-1",
              "MLFLOW_S3_ENDPOINT_URL", s3.address().toString());
      try (HostMlflow mlflow = HostMlflow.withoutArtifactProxy(stack, "s3://models/root", bucket)) {
        assertTrainsAndServes("bucket", mlflow, bucket);
        assertThat(s3.list("models"))
            .containsPattern("<Key>root/1/models/m-[0-9a-f]+/artifacts/model.onnx</Key>");
      }
    }
  }

  @Test
  void trainsAndServesWithAFolderThatOnlyMlflowCanRead() throws Exception {
    String root = Files.createTempDirectory("root").toString();
    try (HostMlflow mlflow = HostMlflow.withoutArtifactProxy(stack, root, Map.of())) {
      assertTrainsAndServes("folder", mlflow, Map.of());
    }
  }

  /** Also after a failure: without its MLflow an IrisModel is degraded. */
  @AfterEach
  void delete() {
    NAMES.stream()
        .flatMap(name -> Stream.of(name, copyOf(name), bareOf(name)))
        .filter(stack.irisModels::exists)
        .forEach(stack.irisModels::delete);
  }

  private static String bareOf(String name) {
    return name + "-bare";
  }

  private static String copyOf(String name) {
    return name + "-copied";
  }

  private void assertTrainsAndServes(
      String name, HostMlflow mlflow, Map<String, String> environment) throws Exception {
    String experiment = "e2e_" + name;
    stack.irisModels.apply(
        name,
        "{model: {latest: {experiment: %s}}, mlflow: {trackingUri: \"%s\"}, training: {retrain: first, parameters: {nEstimators: 5}}}"
            .formatted(experiment, mlflow.uri()));
    stack.irisModels.awaitReady(name);
    String trained = stack.irisModels.status(name).model().runId();
    assertThat(stack.irisModels.status(name).model().artifactUri())
        .isEqualTo("runs:/" + trained + "/iris-model");

    // A data scientist's client writes to the store itself.
    Map<String, String> client = new HashMap<>(environment);
    client.put("MLFLOW_TRACKING_URI", mlflow.uri().toString());
    String logged =
        stack
            .commands
            .run(
                client,
                List.of(
                    stack.commands.venv("client") + "/bin/python",
                    Stack.ROOT + "/e2e/python/sklearn_model.py",
                    experiment,
                    "default",
                    TestData.TRAIN_FILE.toString()))
            .lines()
            .filter(line -> line.matches("[0-9a-f]{32}"))
            .findFirst()
            .orElseThrow();
    stack.irisModels.awaitReady(name, logged);
    assertThat(stack.irisModels.status(name).model().artifactUri()).startsWith("models:/m-");
    Run run = mlflow.client().run(logged);

    // A copy of a copy of a version, as between the stages of a registry.
    ModelVersion version = mlflow.client().register("staging", run, "iris-model");
    String copy =
        "import mlflow; c = mlflow.MlflowClient(); c.copy_model_version('models:/staging/%s', 'tested'); c.copy_model_version('models:/tested/1', 'prod')"
            .formatted(version.version());
    stack.commands.run(client, List.of(stack.commands.venv("client") + "/bin/python", "-c", copy));
    String copied = copyOf(name);
    stack.irisModels.apply(
        copied,
        "{model: {registered: {name: prod, version: \"1\"}}, mlflow: {trackingUri: \"%s\"}}"
            .formatted(mlflow.uri()));
    stack.irisModels.awaitReady(copied, logged);
    assertThat(stack.irisModels.status(copied).model().digest())
        .isEqualTo(stack.irisModels.status(name).model().digest());

    // A model that was logged and registered without a run.
    String bare =
        "import mlflow, sys; c = mlflow.MlflowClient(); m = mlflow.initialize_logged_model(name='iris-model'); c.log_model_artifacts(m.model_id, mlflow.artifacts.download_artifacts('runs:/%s/iris-model')); mlflow.finalize_logged_model(m.model_id, 'READY'); mlflow.register_model('models:/' + m.model_id, 'bare')"
            .formatted(logged);
    stack.commands.run(client, List.of(stack.commands.venv("client") + "/bin/python", "-c", bare));
    stack.irisModels.apply(
        bareOf(name),
        "{model: {registered: {name: bare, version: \"1\"}}, mlflow: {trackingUri: \"%s\"}}"
            .formatted(mlflow.uri()));
    stack.irisModels.awaitReady(bareOf(name), "models:/bare/1");

    // Its pods are its first ones, while the other's old pod may still answer.
    String folder =
        mlflow.client().artifacts().modelFolder(run, "iris-model").orElseThrow().artifactUri();
    new PredictionClient(stack, copied)
        .assertPredictsLikeOnnxRuntime(
            mlflow.client().artifacts().download(folder, 1 << 24).get("model.onnx"), 10);
  }
}
