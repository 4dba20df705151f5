package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Files of one MLflow server over HTTP, and the JSON that leads to them. */
final class MlflowHttp implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final long MAX_JSON = 16L << 20;

  /** A file may take this many times as long as a question. */
  private static final int BULK = 10;

  private final String base;
  private final Duration timeout;
  private final Optional<Credentials> credentials;
  private final TimedCalls calls;
  private final HttpClient client;

  /**
   * A client for one server.
   *
   * @param timeout for connecting, and for the whole of each answer; ten times that for a file
   * @param credentials sent with every call
   */
  MlflowHttp(
      URI base, Duration timeout, Optional<Credentials> credentials, MlflowCallListener listener) {
    this.base = base.toString().replaceAll("/+$", "");
    this.timeout = timeout;
    this.credentials = credentials;
    this.calls = new TimedCalls(listener);
    this.client =
        HttpClient.newBuilder()
            // MLflow's server logs a warning for every offer of HTTP/2.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
  }

  String base() {
    return base;
  }

  JsonNode get(String operation, String path, Map<String, String> query) throws MlflowException {
    HttpRequest request = request(path + query(query)).GET().build();
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

  void upload(String operation, String path, byte[] bytes) throws MlflowException {
    send(
        operation,
        request(path).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)).build(),
        timeout.multipliedBy(BULK),
        MAX_JSON);
  }

  void post(String operation, String path, byte[] bytes) throws MlflowException {
    send(
        operation,
        request(path)
            .header("Content-Type", "application/octet-stream")
            .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
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
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    credentials.ifPresent(c -> request.header("Authorization", c.header()));
    return request;
  }

  private byte[] send(String operation, HttpRequest request, Duration limit, long maxBytes)
      throws MlflowException {
    // Not sendAsync, whose answers arrive in the common pool: trees may be growing there.
    HttpResponse<byte[]> response =
        calls.run(
            operation,
            request.uri().toString(),
            limit,
            () -> {
              HttpResponse<byte[]> answer =
                  client.send(
                      request,
                      HttpResponse.BodyHandlers.limiting(
                          HttpResponse.BodyHandlers.ofByteArray(), maxBytes));
              if (answer.statusCode() / 100 != 2) {
                throw MlflowException.ofStatus(
                    request.uri().toString(),
                    answer.statusCode(),
                    new String(answer.body(), StandardCharsets.UTF_8));
              }
              return answer;
            });
    return response.body();
  }
}
