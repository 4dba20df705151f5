package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.irisoperator.config.Proxies;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Requests to one MLflow server, each with a deadline for the whole of its answer. */
final class MlflowHttp implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long MAX_JSON = 16L << 20;

  /** A file may take this many times as long as a question. */
  private static final int BULK = 10;

  private static final Duration RECONNECT = Duration.ofSeconds(30);

  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 307, 308);
  private static final int MAX_REDIRECTS = 5;

  private final Connection connection;
  private final String base;
  private final Duration timeout;
  private final ProxySelector proxies;
  private final TimedCalls calls;
  private volatile HttpClient client;
  private volatile long connectedAt;

  /**
   * A client for one server.
   *
   * @param timeout for connecting, and for the whole of each answer; ten times that for a file
   * @param proxies that lead to the server
   */
  MlflowHttp(
      Connection connection, Duration timeout, ProxySelector proxies, MlflowCallListener listener) {
    this.connection = connection;
    this.base = connection.trackingUri().toString().replaceAll("/+$", "");
    this.timeout = timeout;
    this.proxies = proxies;
    this.calls = new TimedCalls(listener);
    this.client = newClient();
    this.connectedAt = System.nanoTime() - RECONNECT.toNanos();
  }

  private HttpClient newClient() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // MLflow's server logs a warning for every offer of HTTP/2.
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(proxies)
            .connectTimeout(timeout);
    connection.caBundle().ifPresent(bundle -> builder.sslContext(bundle.sslContext()));
    return builder.build();
  }

  Connection connection() {
    return connection;
  }

  JsonNode get(String operation, String path, Map<String, String> query) throws MlflowException {
    return json(operation, request(path + query(query)).GET().build());
  }

  JsonNode send(String operation, String method, String path, ObjectNode body)
      throws MlflowException {
    return json(
        operation,
        request(path)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body.toString()))
            .build());
  }

  private JsonNode json(String operation, HttpRequest request) throws MlflowException {
    byte[] body = send(operation, request, timeout, MAX_JSON);
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw MlflowException.notJson(request.uri().toString(), e);
    }
  }

  /**
   * Downloads a file.
   *
   * @param maxBytes the download fails if the file is larger
   */
  byte[] download(String operation, String path, long maxBytes) throws MlflowException {
    return send(operation, request(path).GET().build(), timeout.multipliedBy(BULK), maxBytes);
  }

  void upload(String operation, String method, String path, byte[] bytes) throws MlflowException {
    send(
        operation,
        request(path)
            .header("Content-Type", "application/octet-stream")
            .method(method, BodyPublishers.ofByteArray(bytes))
            .build(),
        timeout.multipliedBy(BULK),
        MAX_JSON);
  }

  /** The query string of a URL, with its question mark, sorted; empty without parameters. */
  static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&", parameters.isEmpty() ? "" : "?", ""));
  }

  @Override
  public void close() {
    calls.close();
    client.shutdownNow();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path));
  }

  private byte[] send(String operation, HttpRequest request, Duration limit, long maxBytes)
      throws MlflowException {
    // Not sendAsync, whose answers arrive in the common pool: trees may be growing there.
    return calls.run(operation, request.uri().toString(), limit, () -> send(request, maxBytes));
  }

  private byte[] send(HttpRequest request, long maxBytes)
      throws IOException, InterruptedException, MlflowException {
    HttpRequest next = request;
    HttpResponse<byte[]> answer = answer(next, maxBytes);
    for (int n = 0; REDIRECTS.contains(answer.statusCode()) && n < MAX_REDIRECTS; n++) {
      next = redirected(next, answer);
      answer = answer(next, maxBytes);
    }
    if (answer.statusCode() / 100 == 2) {
      return answer.body();
    }
    String body = new String(answer.body(), StandardCharsets.UTF_8);
    if (!MlflowException.isError(body)) {
      reconnect();
    }
    throw MlflowException.ofStatus(next.uri().toString(), answer.statusCode(), body);
  }

  /**
   * Something else answered on a connection that it may keep open: the next call gets a new one.
   * The client is left to the garbage collector, as other calls may use it, so this is not done for
   * each of many failures.
   */
  private void reconnect() {
    if (System.nanoTime() - connectedAt >= RECONNECT.toNanos()) {
      connectedAt = System.nanoTime();
      client = newClient();
    }
  }

  private HttpResponse<byte[]> answer(HttpRequest request, long maxBytes)
      throws IOException, InterruptedException {
    HttpRequest.Builder authorized = HttpRequest.newBuilder(request, (_, _) -> true);
    // Credentials are for the server, not for whatever it redirects to.
    if (isOwn(request.uri())) {
      connection.credentials().ifPresent(c -> authorized.header("Authorization", c.header()));
    }
    return client.send(
        authorized.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxBytes));
  }

  /** Whether it is the server itself, also if that has turned from http to https. */
  private boolean isOwn(URI uri) {
    URI own = connection.trackingUri();
    boolean sameScheme = own.getScheme().equals(uri.getScheme());
    return own.getHost().equalsIgnoreCase(uri.getHost())
        && (sameScheme
            ? Proxies.port(own) == Proxies.port(uri)
            : Proxies.port(own) == 80 && Proxies.port(uri) == 443);
  }

  /** The same request, whatever its method, to where an answer leads; never from https to http. */
  private static HttpRequest redirected(HttpRequest request, HttpResponse<byte[]> answer)
      throws MlflowException {
    Optional<String> location = answer.headers().firstValue("Location");
    URI to = request.uri().resolve(location.orElse(""));
    boolean secure =
        "https".equals(to.getScheme())
            || ("http".equals(to.getScheme()) && "http".equals(request.uri().getScheme()));
    if (location.isEmpty() || !secure) {
      throw MlflowException.ofStatus(
          request.uri().toString(), answer.statusCode(), "redirected to " + to);
    }
    return HttpRequest.newBuilder(request, (_, _) -> true).uri(to).build();
  }
}
