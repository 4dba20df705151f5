package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.contract.TrainingDefaults;
import io.irisoperator.mlflow.Connection;
import io.irisoperator.mlflow.LoggedModel;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.model.ModelFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;

/** The stack's MLflow server. */
final class MlflowServer implements AutoCloseable {
  /** Its address on this machine, forwarded by {@code e2e/start-stack}. */
  static final URI ADDRESS = URI.create("http://127.0.0.1:15001");

  /** Its address inside the cluster. */
  static final String CLUSTER_ADDRESS = "http://mlflow.mlops:5000";

  final MlflowClient client;
  private final KubernetesClient kubernetes;

  MlflowServer(KubernetesClient kubernetes) {
    client =
        new MlflowClient(
            Connection.to(ADDRESS),
            Duration.ofSeconds(10),
            HttpClient.Builder.NO_PROXY,
            MlflowCallListener.NOOP);
    this.kubernetes = kubernetes;
  }

  void awaitHealthy() {
    Waits.awaitHttpOk(ADDRESS.resolve("/health"));
  }

  /** A proxy that the pods reach, for a test in which MLflow is unavailable to one IrisModel. */
  MlflowProxy proxy() throws IOException {
    return new MlflowProxy(Cluster.bridge(), ADDRESS);
  }

  /** A gateway in front of it that the pods reach. */
  MlflowProxy gateway(SSLContext key) throws IOException {
    return MlflowProxy.gateway(Cluster.bridge(), ADDRESS, key);
  }

  /** MLflow's image, which has Python. */
  String image() {
    return new StackDeployment(kubernetes, "mlflow").container().getImage();
  }

  /** The run that the quickstart trained. */
  Run trainedRun() throws Exception {
    String experiment = client.experimentId(TrainingDefaults.EXPERIMENT).orElseThrow();
    return client
        .searchRuns(
            experiment,
            "attributes.status = 'FINISHED' and tags.`mlflow.user` = 'iris-operator'",
            1)
        .getFirst();
  }

  void renameExperiment(String name, String newName) throws Exception {
    String body =
        "{\"experiment_id\":\"%s\",\"new_name\":\"%s\"}"
            .formatted(client.experimentId(name).orElseThrow(), newName);
    try (HttpClient http = HttpClient.newHttpClient()) {
      http.send(
          HttpRequest.newBuilder(ADDRESS.resolve("/api/2.0/mlflow/experiments/update"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.discarding());
    }
  }

  /** A FINISHED run with these files in its model folder. */
  Run finishedRun(String experiment, Map<String, byte[]> files) throws Exception {
    Run run = unfinishedRun(experiment, files);
    client.end(run.runId(), RunStatus.FINISHED, Instant.now());
    return client.run(run.runId());
  }

  Run unfinishedRun(String experiment, Map<String, byte[]> files) throws Exception {
    Run run =
        client.createRun(client.experimentIdOrNew(experiment), "e2e", Instant.now(), Map.of());
    upload(run, files);
    return run;
  }

  /** Uploads files to the model folder of a run. */
  void upload(Run run, Map<String, byte[]> files) throws Exception {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      client
          .artifacts()
          .upload(run, TrainingDefaults.ARTIFACT_PATH + "/" + file.getKey(), file.getValue());
    }
  }

  /** Replaces a file of a run's logged model. */
  void overwrite(Run run, String file, byte[] bytes) throws Exception {
    client.artifacts().upload(new LoggedModel(run.modelIds().getFirst(), folder(run)), file, bytes);
  }

  /** Where a run's model folder is: that of its logged model, or in its own artifacts. */
  String folder(Run run) throws Exception {
    return client
        .artifacts()
        .modelFolder(run, TrainingDefaults.ARTIFACT_PATH)
        .orElseThrow()
        .artifactUri();
  }

  /** The files of a run's model folder. */
  Map<String, byte[]> files(Run run) throws Exception {
    return client.artifacts().download(folder(run), 1L << 26);
  }

  /** The ONNX file of a run's model. */
  byte[] onnx(Run run) throws Exception {
    return files(run).get(ModelFolder.ONNX);
  }

  static String digest(Map<String, byte[]> files) {
    return new ModelFolder(new TreeMap<>(files)).digest();
  }

  ModelVersion register(String name, Run run) throws Exception {
    return client.register(name, run, TrainingDefaults.ARTIFACT_PATH);
  }

  /** Moves an alias. It is retried, as MLflow may be restarting. */
  void moveAlias(ModelVersion version, String alias) {
    await()
        .until(
            () -> {
              client.setAlias(version, alias);
              return true;
            });
  }

  @Override
  public void close() {
    client.close();
  }
}
