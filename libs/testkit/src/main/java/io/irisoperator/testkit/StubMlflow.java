package io.irisoperator.testkit;

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
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * The part of MLflow's API that resolving and downloading a model uses, with one experiment and
 * some runs, each with one model folder. The cluster tests use a real MLflow.
 */
public final class StubMlflow implements AutoCloseable {
  /** The run of tests that need one. */
  public static final String RUN_ID = "0123456789abcdef0123456789abcdef";

  private record StubRun(String id, String status, Map<String, byte[]> files) {
    String json() {
      return """
      {"info":{"run_id":"%s","experiment_id":"1","status":"%s","lifecycle_stage":"active",
      "artifact_uri":"mlflow-artifacts:/1/%s/artifacts"},"data":{}}
      """
          .formatted(id, status, id);
    }
  }

  /** The latest first. */
  private final List<StubRun> runs = new CopyOnWriteArrayList<>();

  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicReference<Optional<String>> authorization =
      new AtomicReference<>(Optional.empty());
  private final HttpServer server;

  /** Starts on a free port of the loopback interface. */
  public StubMlflow() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::respond);
    server.start();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Where the model folder of a run is. */
  public static String artifactUri(String runId) {
    return "mlflow-artifacts:/1/" + runId + "/artifacts/iris-model";
  }

  /**
   * Adds a run.
   *
   * @return the files of its model folder, which tests may change
   */
  public Map<String, byte[]> addRun(String id, String status, Map<String, byte[]> files) {
    Map<String, byte[]> live = new ConcurrentHashMap<>(files);
    runs.addFirst(new StubRun(id, status, live));
    return live;
  }

  /** The number of requests so far. */
  public int requests() {
    return requests.get();
  }

  /** From now on, requests without this Authorization header are rejected. */
  public void requireAuthorization(String header) {
    authorization.set(Optional.of(header));
  }

  private void respond(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    String path = exchange.getRequestURI().getPath();
    String sent = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization.get().filter(required -> !required.equals(sent)).isPresent()) {
      send(exchange, 401, "not authenticated".getBytes(UTF_8));
    } else if (path.endsWith("experiments/get-by-name")) {
      json(exchange, "{\"experiment\":{\"experiment_id\":\"1\",\"lifecycle_stage\":\"active\"}}");
    } else if (path.endsWith("runs/search")) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      // No run comes from a training Job.
      boolean byJob = body.contains("iris-operator.io/job");
      json(
          exchange,
          byJob
              ? "{}"
              : runs.stream()
                  .map(StubRun::json)
                  .collect(Collectors.joining(",", "{\"runs\":[", "]}")));
    } else {
      respondForRun(exchange, path);
    }
  }

  private void respondForRun(HttpExchange exchange, String path) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    Optional<StubRun> run =
        runs.stream().filter(r -> path.contains(r.id()) || query.contains(r.id())).findFirst();
    if (run.isEmpty()) {
      notFound(exchange);
    } else if (path.endsWith("runs/get")) {
      json(exchange, "{\"run\":" + run.get().json() + "}");
    } else if (query.startsWith("path=")) {
      json(
          exchange,
          run.get().files().keySet().stream()
              .map(name -> "{\"path\":\"" + name + "\",\"is_dir\":false}")
              .collect(Collectors.joining(",", "{\"files\":[", "]}")));
    } else {
      byte[] file = run.get().files().get(path.replaceAll(".*/", ""));
      if (file == null) {
        notFound(exchange);
      } else {
        send(exchange, 200, file);
      }
    }
  }

  private static void notFound(HttpExchange exchange) throws IOException {
    send(exchange, 404, "{\"message\":\"not found\"}".getBytes(UTF_8));
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
