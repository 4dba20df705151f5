package io.irisoperator.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/**
 * Forwards requests to MLflow, for an outage that hits only those who use the proxy. While it is
 * stopped, its connections are broken and new ones refused. MLflow sees its own name as the host.
 *
 * <p>With a key it is a gateway: it serves TLS below a prefix, and requires a bearer token.
 */
final class MlflowProxy implements AutoCloseable {
  private static final String PREFIX = "/team";

  private final URI mlflow;
  private final InetSocketAddress address;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Optional<SSLContext> key;
  private final AtomicReference<String> token = new AtomicReference<>("");
  private HttpServer server;

  /** Starts a proxy on a free port of a local address. */
  MlflowProxy(InetAddress host, URI mlflow) throws IOException {
    this(host, mlflow, Optional.empty());
  }

  /** Starts a gateway on a free port of a local address. */
  static MlflowProxy gateway(InetAddress host, URI mlflow, SSLContext key) throws IOException {
    return new MlflowProxy(host, mlflow, Optional.of(key));
  }

  private MlflowProxy(InetAddress host, URI mlflow, Optional<SSLContext> key) throws IOException {
    this.mlflow = mlflow;
    this.key = key;
    address = new InetSocketAddress(host, FreePort.find());
    server = start();
  }

  URI uri() {
    String host = address.getHostString() + ":" + address.getPort();
    return URI.create(key.isPresent() ? "https://" + host + PREFIX : "http://" + host);
  }

  /** From now on, a gateway requires this token. */
  void requireToken(String required) {
    token.set(required);
  }

  void stop() {
    server.stop(0);
  }

  void restart() throws IOException {
    server = start();
  }

  private HttpServer start() throws IOException {
    HttpServer starting = key.isPresent() ? https(key.get()) : HttpServer.create(address, 0);
    starting.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    starting.createContext("/", this::forward);
    starting.start();
    return starting;
  }

  private HttpServer https(SSLContext context) throws IOException {
    HttpsServer https = HttpsServer.create(address, 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    return https;
  }

  private boolean isAllowed(HttpExchange exchange) {
    String sent = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    return key.isEmpty()
        || (exchange.getRequestURI().getPath().startsWith(PREFIX + "/")
            && sent.equals("Bearer " + token.get()));
  }

  private void forward(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!isAllowed(exchange)) {
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      String path = exchange.getRequestURI().toString();
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  mlflow.resolve(key.isPresent() ? path.substring(PREFIX.length()) : path))
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
