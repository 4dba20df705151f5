package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client sends invalid requests: each response names the field, and the metrics count it. */
class InvalidRequestIT {
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * A request and its response.
   *
   * @param field the field that the response names; null if it names none
   */
  private record Invalid(
      String method, String contentType, BodyPublisher body, int status, String field) {
    static Invalid json(String body, int status, String field) {
      return new Invalid("POST", "application/json", BodyPublishers.ofString(body), status, field);
    }
  }

  private static final String FLOWER = TestData.SETOSA;

  private static final List<Invalid> REQUESTS =
      List.of(
          Invalid.json("nope", 400, null),
          Invalid.json(
              FLOWER.replace("\"petal_width\":0.2", "\"petal_length\":1"), 422, "petal_length"),
          Invalid.json("{\"sepal_length\":5.1}", 422, "sepal_width"),
          Invalid.json(FLOWER.replace("5.1", "\"5.1\""), 422, "sepal_length"),
          Invalid.json(FLOWER.replace("5.1", "NaN"), 422, "sepal_length"),
          Invalid.json(FLOWER.replace("5.1", "1e400"), 422, "sepal_length"),
          Invalid.json(FLOWER.replace("}", ",\"colour\":1}"), 422, "colour"),
          new Invalid(
              "POST",
              "application/json",
              BodyPublishers.ofByteArray(new byte[10 << 20]),
              413,
              null),
          new Invalid("PUT", "application/json", BodyPublishers.ofString(FLOWER), 405, null),
          new Invalid("POST", "text/plain", BodyPublishers.ofString(FLOWER), 415, null));

  @Test
  void everyInvalidRequestGetsA4xxThatNamesTheProblem() throws Exception {
    Waits.awaitHttpOk(Stack.API.resolve("/health/ready"));
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (Invalid request : REQUESTS) {
        HttpResponse<String> response =
            http.send(
                HttpRequest.newBuilder(Stack.API.resolve("/predict"))
                    .header("Content-Type", request.contentType())
                    .method(request.method(), request.body())
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(request.status());
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.path("field").asText(null)).isEqualTo(request.field());
        assertThat(problem.path("message").asText()).isNotEmpty();
      }
      String metrics =
          http.send(
                  HttpRequest.newBuilder(Stack.API.resolve("/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      for (Invalid request : REQUESTS) {
        assertThat(metrics)
            .contains(
                "iris_api_requests_total{endpoint=\"/predict\",method=\"%s\",status=\"%d\"}"
                    .formatted(request.method(), request.status()));
      }
    }
  }
}
