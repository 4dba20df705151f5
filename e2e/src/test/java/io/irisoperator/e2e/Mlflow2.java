package io.irisoperator.e2e;

import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An MLflow 2.x server on this machine. */
final class Mlflow2 implements AutoCloseable {
  private final Process process;
  private final URI uri;
  private final MlflowClient client;

  Mlflow2(Stack stack) throws Exception {
    Path folder = Files.createTempDirectory("mlflow2");
    int port = Stack.freePort();
    uri = URI.create("http://127.0.0.1:" + port);
    String python =
        stack.run(Map.of(), List.of(Stack.ROOT + "/dev/create-venv", "e2e/python/mlflow2.txt")).strip();
    process =
        new ProcessBuilder(
                python + "/bin/mlflow",
                "server",
                "--host=127.0.0.1",
                "--port=" + port,
                "--workers=1",
                "--backend-store-uri=sqlite:///" + folder.resolve("mlflow.db"),
                "--artifacts-destination=" + folder.resolve("artifacts"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    client = new MlflowClient(uri, Duration.ofSeconds(10), Optional.empty(), MlflowCallListener.NOOP);
    Stack.awaitAnswer(uri.resolve("/health"));
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
