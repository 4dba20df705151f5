package io.irisoperator.operator.mock;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The few answers of an MLflow server that the operator asks for: one experiment, some runs. */
final class StubMlflow implements AutoCloseable {
  private record StubRun(String id, String status, Map<String, byte[]> files) {
    String json() {
      return """
      {"info":{"run_id":"%s","experiment_id":"1","status":"%s","lifecycle_stage":"active",
      "artifact_uri":"mlflow-artifacts:/1/%s/artifacts"},"data":{}}
      """
          .formatted(id, status, id);
    }
  }

  /** The newest first. */
  private final List<StubRun> runs = new CopyOnWriteArrayList<>();

  private final AtomicInteger asked = new AtomicInteger();
  private final HttpServer server;

  StubMlflow() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void addRun(String id, String status, Map<String, byte[]> files) {
    runs.add(0, new StubRun(id, status, files));
  }

  /** How many questions there were. */
  int asked() {
    return asked.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    if (path.endsWith("experiments/get-by-name")) {
      json(exchange, "{\"experiment\":{\"experiment_id\":\"1\",\"lifecycle_stage\":\"active\"}}");
    } else if (path.endsWith("runs/search")) {
      boolean byJob =
          new String(exchange.getRequestBody().readAllBytes(), UTF_8)
              .contains("iris-operator.io/job");
      json(
          exchange,
          byJob
              ? "{}"
              : runs.stream()
                  .map(StubRun::json)
                  .collect(Collectors.joining(",", "{\"runs\":[", "]}")));
    } else {
      StubRun run =
          runs.stream()
              .filter(r -> path.contains(r.id()) || query.contains(r.id()))
              .findFirst()
              .orElse(null);
      if (run == null) {
        send(exchange, 404, "{\"message\":\"not found\"}".getBytes(UTF_8));
      } else if (path.endsWith("runs/get")) {
        json(exchange, "{\"run\":" + run.json() + "}");
      } else if (query.startsWith("path=")) {
        json(
            exchange,
            run.files().keySet().stream()
                .map(name -> "{\"path\":\"" + name + "\",\"is_dir\":false}")
                .collect(Collectors.joining(",", "{\"files\":[", "]}")));
      } else {
        send(exchange, 200, run.files().get(path.replaceAll(".*/", "")));
      }
    }
  }

  private static void json(HttpExchange exchange, String text) throws IOException {
    send(exchange, 200, text.getBytes(UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, 0);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
