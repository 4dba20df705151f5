package io.irisoperator.e2e;

import io.irisoperator.mlflow.Connection;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An MLflow server on this machine.
 *
 * @param folder of its data
 */
record HostMlflow(Process process, URI uri, Path folder, MlflowClient client)
    implements AutoCloseable {

  /** An MLflow 2.x that serves its artifacts. */
  static HostMlflow version2(Stack stack) throws Exception {
    Path folder = Files.createTempDirectory("mlflow2");
    return start(
        stack,
        "mlflow2",
        InetAddress.getLoopbackAddress(),
        "",
        folder,
        Map.of(),
        "--artifacts-destination=" + folder.resolve("artifacts"));
  }

  /**
   * An MLflow 3.x that the pods reach, below a prefix, and that serves no artifacts.
   *
   * @param artifactRoot where its runs' artifacts are: a bucket or a folder
   * @param environment such as the credentials of a bucket
   */
  static HostMlflow withoutArtifactProxy(
      Stack stack, String artifactRoot, Map<String, String> environment) throws Exception {
    return start(
        stack,
        "client",
        Cluster.bridge(),
        "/mlflow",
        Files.createTempDirectory("mlflow3"),
        environment,
        "--no-serve-artifacts",
        "--default-artifact-root=" + artifactRoot,
        "--allowed-hosts=*");
  }

  private static HostMlflow start(
      Stack stack,
      String venv,
      InetAddress host,
      String prefix,
      Path folder,
      Map<String, String> environment,
      String... options)
      throws Exception {
    int port = FreePort.find();
    URI uri = URI.create("http://" + host.getHostAddress() + ":" + port + prefix);
    List<String> command =
        new ArrayList<>(
            List.of(
                stack.commands.venv(venv) + "/bin/mlflow",
                "server",
                "--host=" + host.getHostAddress(),
                "--port=" + port,
                "--workers=1",
                "--backend-store-uri=sqlite:///" + folder.resolve("mlflow.db")));
    if (!prefix.isEmpty()) {
      command.add("--static-prefix=" + prefix);
    }
    command.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().putAll(environment);
    // Otherwise MLflow starts seven processes that nothing here uses.
    builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
    MlflowClient client =
        new MlflowClient(
            Connection.to(uri),
            Duration.ofSeconds(10),
            HttpClient.Builder.NO_PROXY,
            MlflowCallListener.NOOP);
    HostMlflow mlflow = new HostMlflow(builder.start(), uri, folder, client);
    Waits.awaitHttpOk(URI.create(uri + "/health"));
    return mlflow;
  }

  @Override
  public void close() {
    client.close();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
