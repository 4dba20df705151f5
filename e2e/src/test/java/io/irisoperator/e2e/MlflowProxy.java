package io.irisoperator.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * Forwards requests to MLflow, for an outage that hits only those who use the proxy. While it is
 * stopped, its connections are broken and new ones refused. MLflow sees its own name as the host.
 */
final class MlflowProxy implements AutoCloseable {
  private final URI mlflow;
  private final InetSocketAddress address;
  private final HttpClient http = HttpClient.newHttpClient();
  private HttpServer server;

  /** Starts a proxy on a free port of a local address. */
  MlflowProxy(InetAddress host, URI mlflow) throws IOException {
    this.mlflow = mlflow;
    address = new InetSocketAddress(host, FreePort.find());
    server = start();
  }

  URI uri() {
    return URI.create("http://" + address.getHostString() + ":" + address.getPort());
  }

  void stop() {
    server.stop(0);
  }

  void restart() throws IOException {
    server = start();
  }

  private HttpServer start() throws IOException {
    HttpServer starting = HttpServer.create(address, 0);
    starting.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    starting.createContext("/", this::forward);
    starting.start();
    return starting;
  }

  private void forward(HttpExchange exchange) throws IOException {
    try (exchange) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(mlflow.resolve(exchange.getRequestURI()))
              .method(
                  exchange.getRequestMethod(),
                  HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
      for (String type : exchange.getRequestHeaders().getOrDefault("Content-Type", List.of())) {
        request.header("Content-Type", type);
      }
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      response
          .headers()
          .firstValue("Content-Type")
          .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
      exchange.sendResponseHeaders(
          response.statusCode(), response.body().length == 0 ? -1 : response.body().length);
      exchange.getResponseBody().write(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stop();
    http.close();
  }
}
