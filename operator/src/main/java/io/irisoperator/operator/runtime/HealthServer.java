package io.irisoperator.operator.runtime;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * {@code /healthz} and {@code /readyz} for probes, {@code /metrics} for Prometheus, and what else
 * is added.
 */
public final class HealthServer implements AutoCloseable {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final HttpServer server;

  /** Writes metrics in Prometheus' text format. */
  @FunctionalInterface
  public interface Metrics {
    void writeTo(OutputStream body) throws IOException;
  }

  /**
   * Starts to listen.
   *
   * @param alive whether the process is to live on
   * @param ready whether the caches are filled
   */
  public HealthServer(int port, BooleanSupplier alive, BooleanSupplier ready, Metrics metrics)
      throws IOException {
    server = HttpServer.create(new InetSocketAddress(port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/healthz", exchange -> answer(exchange, alive.getAsBoolean()));
    server.createContext("/readyz", exchange -> answer(exchange, ready.getAsBoolean()));
    server.createContext("/metrics", exchange -> answer(exchange, metrics));
    server.start();
  }

  /** Serves another path. */
  public void add(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  private static void answer(HttpExchange exchange, boolean ok) throws IOException {
    try (exchange) {
      byte[] bytes = (ok ? "ok\n" : "not ok\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain");
      exchange.sendResponseHeaders(ok ? 200 : 503, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** In chunks: the metrics of thousands of IrisModels are megabytes. */
  private static void answer(HttpExchange exchange, Metrics metrics) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", METRICS_TYPE);
      exchange.sendResponseHeaders(200, 0);
      metrics.writeTo(exchange.getResponseBody());
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
