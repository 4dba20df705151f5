package io.irisoperator.e2e;

import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** An MLflow 2.x server on this machine. */
final class Mlflow2Server implements AutoCloseable {
  private final Process process;
  private final URI uri;
  private final MlflowClient client;

  Mlflow2Server(Stack stack) throws Exception {
    Path folder = Files.createTempDirectory("mlflow2");
    int port = FreePort.find();
    uri = URI.create("http://127.0.0.1:" + port);
    process =
        new ProcessBuilder(
                stack.commands.venv("mlflow2") + "/bin/mlflow",
                "server",
                "--host=127.0.0.1",
                "--port=" + port,
                "--workers=1",
                "--backend-store-uri=sqlite:///" + folder.resolve("mlflow.db"),
                "--artifacts-destination=" + folder.resolve("artifacts"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    client =
        new MlflowClient(uri, Duration.ofSeconds(10), Optional.empty(), MlflowCallListener.NOOP);
    Waits.awaitHttpOk(uri.resolve("/health"));
  }

  URI uri() {
    return uri;
  }

  MlflowClient client() {
    return client;
  }

  @Override
  public void close() {
    client.close();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }
}
