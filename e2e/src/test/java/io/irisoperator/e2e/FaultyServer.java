package io.irisoperator.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.irisoperator.contract.ModelHeaders;
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
 * A model server with a fault. It is mounted into the model server's image and started instead of
 * it. The variable {@code FAULT}, or else the file {@code fault} of the model, names the fault;
 * without one it is the real model server. It must stay a single class, as one class file is
 * mounted.
 */
public final class FaultyServer {
  private static final int REAL_PORT = 8081;
  private static final AtomicLong REQUESTS = new AtomicLong();
  private static final AtomicLong ERRORS = new AtomicLong();

  private FaultyServer() {}

  /** Starts the server. */
  public static void main(String[] arguments) throws Exception {
    switch (fault()) {
      case "crash" -> {
        System.err.println("this model makes the server crash");
        System.exit(3);
      }
      case "never-ready" -> neverReady();
      case "slow" -> proxy(arguments, 1200, false);
      case "failing" -> proxy(arguments, 0, true);
      default -> startRealServer(arguments);
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

  private static void startRealServer(String[] arguments) throws ReflectiveOperationException {
    ClassLoader.getSystemClassLoader()
        .loadClass("io.irisoperator.server.Application")
        .getMethod("main", String[].class)
        .invoke(null, (Object) arguments);
  }

  private static void neverReady() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.createContext("/health/live", exchange -> respond(exchange, 200, ""));
    server.createContext(
        "/", exchange -> respond(exchange, 503, "{\"message\":\"this model is never ready\"}"));
    server.start();
  }

  /**
   * A proxy with its own metrics, in front of the real server on another port.
   *
   * @param delay of each prediction, in milliseconds
   * @param fails whether every second prediction is answered with a 500
   */
  private static void proxy(String[] arguments, long delay, boolean fails) throws Exception {
    startRealServer(arguments);
    HttpServer server = HttpServer.create(new InetSocketAddress(8080), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    HttpClient http = HttpClient.newHttpClient();
    server.createContext(
        "/predict",
        exchange -> {
          REQUESTS.incrementAndGet();
          sleep(delay);
          if (fails && REQUESTS.get() % 2 == 0) {
            ERRORS.incrementAndGet();
            respond(exchange, 500, "{}");
          } else {
            forward(http, exchange);
          }
        });
    server.createContext("/metrics", exchange -> respond(exchange, 200, metrics(delay)));
    server.createContext("/", exchange -> forward(http, exchange));
    server.start();
  }

  private static void sleep(long millis) {
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
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      response
          .headers()
          .firstValue(ModelHeaders.DIGEST)
          .ifPresent(digest -> exchange.getResponseHeaders().set(ModelHeaders.DIGEST, digest));
      respond(exchange, response.statusCode(), response.body());
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
            requests - ERRORS.get(), ERRORS.get(), delay > 0 ? 0 : requests, requests, requests);
  }

  private static void respond(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
