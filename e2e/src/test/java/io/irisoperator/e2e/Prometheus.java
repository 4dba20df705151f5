package io.irisoperator.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/**
 * The stack's Prometheus.
 *
 * @see <a href="https://prometheus.io/docs/prometheus/latest/querying/api/">its API</a>
 */
final class Prometheus implements AutoCloseable {
  /** Its address on this machine, forwarded by the quickstart. */
  static final URI ADDRESS = URI.create("http://127.0.0.1:19090");

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient http = HttpClient.newHttpClient();

  /** The current series of a query, each with {@code metric} and {@code value}. */
  JsonNode query(String expression) throws Exception {
    return get("query?query=" + encoded(expression)).path("result");
  }

  /** The current value of a query with one series. */
  double value(String expression) throws Exception {
    JsonNode result = query(expression);
    if (result.size() != 1) {
      throw new AssertionError(expression + " returned " + result);
    }
    return result.get(0).path("value").get(1).asDouble();
  }

  /** The series of a query in the last hour. */
  JsonNode queryLastHour(String expression) throws Exception {
    Instant now = Instant.now();
    return get("query_range?query=%s&start=%d&end=%d&step=15"
            .formatted(
                encoded(expression),
                now.minus(Duration.ofHours(1)).getEpochSecond(),
                now.getEpochSecond()))
        .path("result");
  }

  /** The values of a label, as Grafana's {@code label_values(series, label)} requests them. */
  JsonNode labelValues(String series, String label) throws Exception {
    return get(
        "label/%s/values?match[]=%s".formatted(label, encoded(series)).replace("[]", "%5B%5D"));
  }

  JsonNode alerts() throws Exception {
    return get("alerts").path("alerts");
  }

  private JsonNode get(String call) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(ADDRESS.resolve("/api/v1/" + call))
            .timeout(Duration.ofSeconds(20))
            .build();
    JsonNode response =
        JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    if (!response.path("status").asText().equals("success")) {
      throw new AssertionError(call + ": " + response);
    }
    return response.path("data");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
  }
}
