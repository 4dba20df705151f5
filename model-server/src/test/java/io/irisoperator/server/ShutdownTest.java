package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.irisoperator.model.Forest;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import io.irisoperator.model.Precision;
import io.irisoperator.testkit.StubMlflow;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Shutdown by SIGTERM, as Kubernetes stops a pod. */
class ShutdownTest {
  private static final String FLOWER =
      "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,\"petal_width\":0.2}";

  @Test
  void answersARequestInFlightAfterConnectionsAreRefused() throws Exception {
    try (StubMlflow mlflow = new StubMlflow();
        HttpClient http = HttpClient.newHttpClient()) {
      Node leaf = new Node.Leaf(List.of(1f, 0f, 0f));
      Forest forest = Forest.of(Precision.FLOAT32, 4, 3, List.of(List.of(leaf)));
      byte[] onnx = OnnxWriter.write(OnnxForest.of(forest));
      mlflow.addRun(StubMlflow.RUN_ID, "FINISHED", Map.of(ModelFolder.ONNX, onnx));
      String digest = new ModelFolder(new TreeMap<>(Map.of(ModelFolder.ONNX, onnx))).digest();
      int port = freePort();
      Process server = start(mlflow.uri(), digest, port);
      try {
        URI ready = URI.create("http://127.0.0.1:" + port + "/health/ready");
        await()
            .atMost(Duration.ofSeconds(30))
            .ignoreExceptions()
            .until(() -> status(http, ready) == 200);
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), port)) {
          slow.getOutputStream()
              .write(
                  ("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
                          + FLOWER.length()
                          + "\r\n\r\n{")
                      .getBytes(UTF_8));
          server.destroy();
          await().ignoreExceptions().until(() -> status(http, ready) == 503);
          assertThat(closesKeptAliveConnections(port)).isTrue();
          await().until(() -> refusesConnections(port));
          slow.getOutputStream().write(FLOWER.substring(1).getBytes(UTF_8));
          assertThat(new String(slow.getInputStream().readAllBytes(), UTF_8))
              .startsWith("HTTP/1.1 200 OK")
              .contains("{\"prediction\":\"setosa\",\"confidence\":1.0}");
        }
        assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
      } finally {
        server.destroyForcibly();
      }
    }
  }

  private static Process start(URI mlflow, String digest, int port) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.irisoperator.server.Application")
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "shutdown-test.log").toFile());
    builder.environment().put("IRIS_TRACKING_URI", mlflow.toString());
    builder.environment().put("IRIS_RUN_ID", StubMlflow.RUN_ID);
    builder.environment().put("IRIS_ARTIFACT_URI", StubMlflow.artifactUri(StubMlflow.RUN_ID));
    builder.environment().put("IRIS_MODEL_DIGEST", digest);
    builder.environment().put("IRIS_PORT", Integer.toString(port));
    builder.environment().put("IRIS_DRAIN_SECONDS", "2");
    return builder.start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static int status(HttpClient http, URI uri) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  /** Whether the server announces and closes a connection that the client would keep. */
  private static boolean closesKeptAliveConnections(int port) throws IOException {
    try (Socket kept = new Socket(InetAddress.getLoopbackAddress(), port)) {
      kept.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(UTF_8));
      // The connection must close now, not when the process exits.
      kept.setSoTimeout(1000);
      return new String(kept.getInputStream().readAllBytes(), UTF_8)
          .toLowerCase(Locale.ROOT)
          .contains("connection: close");
    }
  }

  private static boolean refusesConnections(int port) throws IOException {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return false;
    } catch (ConnectException e) {
      return true;
    }
  }
}
