package io.irisoperator.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The model server with a fault: mounted into its image and started in its place, it does what the
 * model's file {@code fault} says, or the variable {@code FAULT}; else it is the model server. One
 * class without others, as it is mounted as a file.
 */
public final class FaultyServer {
  private static final int REAL_PORT = 8081;
  private static final AtomicLong REQUESTS = new AtomicLong();
  private static final AtomicLong FAILED = new AtomicLong();

  private FaultyServer() {}

  /** Serves, or does not. */
  public static void main(String[] arguments) throws Exception {
    switch (fault()) {
      case "crash" -> {
        System.err.println("this model makes the server crash");
        System.exit(3);
      }
      case "never-ready" -> neverReady();
      case "slow" -> inFrontOfTheRealOne(arguments, 600, false);
      case "failing" -> inFrontOfTheRealOne(arguments, 0, true);
      default -> real(arguments);
    }
  }

  private static String fault() throws IOException {
    Path part = Path.of("/model/part-000");
    if (System.getenv("FAULT") != null || !Files.exists(part)) {
      return String.valueOf(System.getenv("FAULT"));
    }
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(part))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals("fault")) {
          return new String(zip.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    }
    return "none";
  }

  private static void real(String[] arguments) throws ReflectiveOperationException {
    ClassLoader.getSystemClassLoader()
        .loadClass("io.irisoperator.server.Application")
        .getMethod("main", String[].class)
        .invoke(null, (Object) arguments);
  }

  private static void neverReady() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/health/live", exchange -> answer(exchange, 200, ""));
    server.createContext(
        "/", exchange -> answer(exchange, 503, "{\"message\":\"this model is never ready\"}"));
    server.start();
  }

  /** Before the real server, which listens elsewhere, with metrics of its own. */
  private static void inFrontOfTheRealOne(String[] arguments, long delay, boolean fails)
      throws Exception {
    real(arguments);
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    HttpClient http = HttpClient.newHttpClient();
    server.createContext(
        "/predict",
        exchange -> {
          REQUESTS.incrementAndGet();
          pause(delay);
          if (fails && REQUESTS.get() % 2 == 0) {
            FAILED.incrementAndGet();
            answer(exchange, 500, "{}");
          } else {
            forward(http, exchange);
          }
        });
    server.createContext("/metrics", exchange -> answer(exchange, 200, metrics(delay)));
    server.createContext("/", exchange -> forward(http, exchange));
    server.start();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forward(HttpClient http, HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + REAL_PORT + exchange.getRequestURI()))
            .header("Content-Type", "application/json")
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      HttpResponse<String> real = http.send(request, HttpResponse.BodyHandlers.ofString());
      real.headers()
          .firstValue("x-model-digest")
          .ifPresent(digest -> exchange.getResponseHeaders().set("x-model-digest", digest));
      answer(exchange, real.statusCode(), real.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String metrics(long delay) {
    long requests = REQUESTS.get();
    return """
    iris_api_requests_total{endpoint="/predict",method="POST",status="200"} %d
    iris_api_requests_total{endpoint="/predict",method="POST",status="500"} %d
    iris_api_request_duration_seconds_bucket{endpoint="/predict",le="0.1"} %d
    iris_api_request_duration_seconds_bucket{endpoint="/predict",le="1.0"} %d
    iris_api_request_duration_seconds_bucket{endpoint="/predict",le="+Inf"} %d
    """
        .formatted(
            requests - FAILED.get(), FAILED.get(), delay > 0 ? 0 : requests, requests, requests);
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
