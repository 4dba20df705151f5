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

/** Somebody asks wrongly: the answer names the field, and the metrics count it under the route. */
class WrongRequestIT {
  private static final JsonMapper JSON = new JsonMapper();

  private record Wrong(String method, String type, BodyPublisher body, int status, String field) {
    static Wrong json(String body, int status, String field) {
      return new Wrong("POST", "application/json", BodyPublishers.ofString(body), status, field);
    }
  }

  private static final String FLOWER = TestRows.json(new double[] {5.1, 3.5, 1.4, 0.2});

  private static final List<Wrong> ALL =
      List.of(
          Wrong.json("nope", 400, null),
          Wrong.json(
              FLOWER.replace("\"petal_width\":0.2", "\"petal_length\":1"), 422, "petal_length"),
          Wrong.json("{\"sepal_length\":5.1}", 422, "sepal_width"),
          Wrong.json(FLOWER.replace("5.1", "\"5.1\""), 422, "sepal_length"),
          Wrong.json(FLOWER.replace("5.1", "NaN"), 422, "sepal_length"),
          Wrong.json(FLOWER.replace("5.1", "1e400"), 422, "sepal_length"),
          Wrong.json(FLOWER.replace("}", ",\"colour\":1}"), 422, "colour"),
          new Wrong(
              "POST",
              "application/json",
              BodyPublishers.ofByteArray(new byte[10 << 20]),
              413,
              null),
          new Wrong("PUT", "application/json", BodyPublishers.ofString(FLOWER), 405, null),
          new Wrong("POST", "text/plain", BodyPublishers.ofString(FLOWER), 415, null));

  @Test
  void everyWrongRequestIsA4xxThatSaysWhatIsWrong() throws Exception {
    Stack.awaitAnswer(Stack.API.resolve("/health/ready"));
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (Wrong wrong : ALL) {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(Stack.API.resolve("/predict"))
                    .header("Content-Type", wrong.type())
                    .method(wrong.method(), wrong.body())
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(wrong.status());
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.path("field").asText(null)).isEqualTo(wrong.field());
        assertThat(problem.path("message").asText()).isNotEmpty();
      }
      String metrics =
          http.send(
                  HttpRequest.newBuilder(Stack.API.resolve("/metrics")).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      for (Wrong wrong : ALL) {
        assertThat(metrics)
            .contains(
                "iris_api_requests_total{endpoint=\"/predict\",method=\"%s\",status=\"%d\"}"
                    .formatted(wrong.method(), wrong.status()));
      }
    }
  }
}
