package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The part of MLflow's artifact API that the model server uses; e2e tests use a real MLflow. */
final class StubMlflow implements AutoCloseable {
  static final String RUN_ID = "0123456789abcdef0123456789abcdef";
  static final String ARTIFACT_URI = "mlflow-artifacts:/1/" + RUN_ID + "/artifacts/iris-model";

  /** The files of the run's {@code iris-model}; tests may change them. */
  final Map<String, byte[]> files = new ConcurrentHashMap<>();

  private final HttpServer server;

  StubMlflow() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/2.0/mlflow-artifacts/artifacts", this::artifact);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void artifact(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getQuery() != null) {
      String list =
          files.keySet().stream()
              .map(name -> "{\"path\":\"" + name + "\",\"is_dir\":false}")
              .collect(Collectors.joining(",", "{\"files\":[", "]}"));
      respond(exchange, 200, list.getBytes(UTF_8));
      return;
    }
    byte[] file = files.get(exchange.getRequestURI().getPath().replaceAll(".*/", ""));
    if (file == null) {
      respond(exchange, 404, "{\"message\":\"No such artifact\"}".getBytes(UTF_8));
    } else {
      respond(exchange, 200, file);
    }
  }

  private static void respond(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, 0);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
