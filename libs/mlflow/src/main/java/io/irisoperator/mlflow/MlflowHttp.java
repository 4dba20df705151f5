package io.irisoperator.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * HTTP to one MLflow server: JSON and bytes in and out, every failure an {@link MlflowException}.
 */
final class MlflowHttp implements AutoCloseable {
  static final JsonMapper JSON = new JsonMapper();

  private static final int MAX_ERROR_TEXT = 300;
  private static final long MAX_JSON = 16L << 20;

  /** A file may take this many times as long as a question. */
  private static final int BULK = 10;

  private static final Pattern OPERATION =
      Pattern.compile(
          "/api/2\\.0/(?:mlflow/)?([a-z-]+(?:/(?:get|create|search|update|log-batch|get-by-name))?).*");

  private final URI base;
  private final Duration timeout;
  private final Optional<Credentials> credentials;
  private final MlflowCallListener calls;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * A client for one server.
   *
   * @param timeout for connecting, and for the whole of each answer; ten times that for a file
   * @param credentials sent with every call
   */
  MlflowHttp(
      URI base, Duration timeout, Optional<Credentials> credentials, MlflowCallListener calls) {
    this.base = URI.create(base.toString().replaceAll("/+$", ""));
    this.timeout = timeout;
    this.credentials = credentials;
    this.calls = calls;
    this.client =
        HttpClient.newBuilder()
            // MLflow's server logs a warning for every offer of HTTP/2.
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
  }

  URI base() {
    return base;
  }

  JsonNode get(String path, Map<String, String> query) throws MlflowException {
    HttpRequest request = request(path, query).GET().build();
    return json(request, send(request, timeout, MAX_JSON));
  }

  JsonNode post(String path, ObjectNode body) throws MlflowException {
    HttpRequest request =
        request(path, Map.of())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    return json(request, send(request, timeout, MAX_JSON));
  }

  /**
   * Gets a file's bytes.
   *
   * @param maxBytes more than this is not read
   */
  byte[] download(String path, long maxBytes) throws MlflowException {
    return send(request(path, Map.of()).GET().build(), timeout.multipliedBy(BULK), maxBytes);
  }

  void upload(String path, byte[] bytes) throws MlflowException {
    send(
        request(path, Map.of()).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)).build(),
        timeout.multipliedBy(BULK),
        MAX_JSON);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    client.shutdownNow();
  }

  private HttpRequest.Builder request(String path, Map<String, String> query) {
    String encoded =
        query.entrySet().stream()
            .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&", query.isEmpty() ? "" : "?", ""));
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path + encoded));
    credentials.ifPresent(c -> request.header("Authorization", c.header()));
    return request;
  }

  private byte[] send(HttpRequest request, Duration limit, long maxBytes) throws MlflowException {
    long start = System.nanoTime();
    String outcome = "ok";
    try {
      return exchange(request, limit, maxBytes);
    } catch (MlflowException e) {
      outcome = e.reason().name().toLowerCase(Locale.ROOT);
      throw e;
    } finally {
      calls.onCall(operation(request), outcome, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  /** Without names and ids, so that there are a dozen and no more. */
  private String operation(HttpRequest request) {
    String path =
        request.uri().getPath().substring(Optional.ofNullable(base.getPath()).orElse("").length());
    Matcher matcher = OPERATION.matcher(path);
    return matcher.matches() ? matcher.group(1) : "other";
  }

  private byte[] exchange(HttpRequest request, Duration limit, long maxBytes)
      throws MlflowException {
    // Not the request's own timeout, which ends with the headers: a body may hang, too. Nor
    // sendAsync, whose answers come by the common pool, where trees may be growing.
    Future<HttpResponse<byte[]>> answer =
        threads.submit(
            () ->
                client.send(
                    request,
                    HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofByteArray(), maxBytes)));
    HttpResponse<byte[]> response;
    try {
      response = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw unreachable(request, "no answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw unreachable(request, describe(e.getCause()), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(request, "interrupted", e);
    } finally {
      answer.cancel(true);
    }
    if (response.statusCode() / 100 != 2) {
      String said = said(response.body());
      throw new MlflowException(
          reason(response.statusCode()),
          "%s answered %d: %s".formatted(request.uri(), response.statusCode(), said));
    }
    return response.body();
  }

  private static MlflowException unreachable(HttpRequest request, String why, Throwable cause) {
    return new MlflowException(Reason.UNREACHABLE, request.uri() + ": " + why, cause);
  }

  private static String describe(Throwable e) {
    if (e instanceof ConnectException) {
      return "connection refused";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static Reason reason(int status) {
    if (status == 404) {
      return Reason.NOT_FOUND;
    }
    return status >= 500 ? Reason.UNREACHABLE : Reason.REFUSED;
  }

  /** MLflow's own message where there is one, else the start of the text. */
  private static String said(byte[] body) {
    String text = new String(body, 0, Math.min(body.length, 10_000), StandardCharsets.UTF_8);
    try {
      JsonNode message = JSON.readTree(text).path("message");
      if (message.isTextual()) {
        text = message.asText();
      }
    } catch (IOException e) {
      // Not JSON: the text itself is what was said.
    }
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= MAX_ERROR_TEXT ? line : line.substring(0, MAX_ERROR_TEXT) + "…";
  }

  private static JsonNode json(HttpRequest request, byte[] body) throws MlflowException {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new MlflowException(
          Reason.UNREACHABLE, request.uri() + " did not answer with JSON: is it MLflow?", e);
    }
  }
}
