package io.irisoperator.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.server.health.Health;
import io.irisoperator.testkit.StubMlflow;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.web.router.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole server over HTTP, with a small model. */
class ServerTest {
  private static final String FLOWER =
      "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,\"petal_width\":0.2}";
  private static final JsonMapper JSON = new JsonMapper();
  private static final URI UNREACHABLE = URI.create("http://127.0.0.1:1");

  private static HttpClient http;
  private static ModelFolder model;

  private StubMlflow mlflow;
  private Map<String, byte[]> files;
  private EmbeddedServer server;

  @BeforeAll
  static void createModel() throws Exception {
    http = HttpClient.newHttpClient();
    model = SmallModel.folder();
  }

  @AfterAll
  static void closeClient() {
    http.close();
  }

  @BeforeEach
  void startMlflow() throws Exception {
    mlflow = new StubMlflow();
    files = mlflow.addRun(StubMlflow.RUN_ID, "FINISHED", model.files());
  }

  @AfterEach
  void stop() {
    server.close();
    mlflow.close();
  }

  private void start() {
    start(mlflow.uri());
    await().untilAsserted(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
  }

  private void start(URI trackingUri) {
    start(trackingUri, Map.of());
  }

  private void start(URI trackingUri, Map<String, String> extraEnv) {
    Map<String, String> env = new HashMap<>(extraEnv);
    env.put("IRIS_PORT", "0");
    env.put("IRIS_TRACKING_URI", trackingUri.toString());
    env.put("IRIS_RUN_ID", StubMlflow.RUN_ID);
    env.put("IRIS_ARTIFACT_URI", StubMlflow.artifactUri(StubMlflow.RUN_ID));
    env.put("IRIS_MODEL_VERSION", "7");
    env.put("IRIS_MODEL_DIGEST", model.digest());
    server = Application.start(ServerConfig.from(env));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(
        request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.getURI().resolve(path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private HttpResponse<String> predict(String body) throws Exception {
    return send(
        request("/predict")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  @Test
  void predictsAFlower() throws Exception {
    start();
    HttpResponse<String> response = predict(FLOWER);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(response.body()))
        .isEqualTo(JSON.readTree("{\"prediction\":\"setosa\",\"confidence\":1.0}"));
    assertThat(response.headers().firstValue("x-model-run-id")).contains(StubMlflow.RUN_ID);
    assertThat(response.headers().firstValue("x-model-digest")).contains(model.digest());
    assertThat(predict(FLOWER.replace("1.4", "5")).body()).contains("\"versicolor\"", "0.75");
  }

  /** Both paths send the same bytes and headers, and responses keep the order of requests. */
  @Test
  void fastPathAnswersLikeTheControllerAndInOrder() throws Exception {
    start();
    String other = FLOWER.replace("1.4", "5");
    try (RawConnection connection = new RawConnection(server.getPort())) {
      String fast = connection.exchange(RawConnection.predict(FLOWER));
      // A header that the fast path leaves to Micronaut.
      String slow =
          connection.exchange(
              RawConnection.predict(FLOWER, "Accept: text/plain, application/json"));
      assertThat(RawConnection.withoutId(fast)).isEqualTo(RawConnection.withoutId(slow));
      assertThat(connection.exchange(RawConnection.predict(FLOWER, "x-request-id: order-17")))
          .contains("\nx-request-id: order-17");
      // Byte by byte, like a slow client.
      String request = RawConnection.predict(other);
      for (int i = 0; i < request.length(); i++) {
        connection.send(request.substring(i, i + 1));
      }
      assertThat(connection.response())
          .endsWith("{\"prediction\":\"versicolor\",\"confidence\":0.75}");
      // Pipelined, with requests in between that the fast path does not response.
      connection.send(
          RawConnection.predict(FLOWER)
              + RawConnection.predict("{}")
              + RawConnection.predict(other)
              + "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
              + RawConnection.predict(FLOWER));
      assertThat(connection.response()).contains(" 200 ").contains("setosa");
      assertThat(connection.response()).contains(" 422 ").contains("is missing");
      assertThat(connection.response()).contains(" 200 ").contains("versicolor");
      assertThat(connection.response()).contains(" 200 ").contains("alive");
      assertThat(connection.response()).contains(" 200 ").contains("setosa");
    }
    assertThat(get("/metrics").body())
        .contains(
            "iris_api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"200\"} 7.0",
            "iris_predictions_total{predicted_class=\"setosa\"} 5.0",
            "iris_prediction_confidence_count{predicted_class=\"versicolor\"} 2",
            "iris_api_request_duration_seconds_count{endpoint=\"/predict\"} 8");
  }

  /** The operator mounts the archive in parts; MLflow is unreachable. */
  @Test
  void servesTheStoredCopyWithoutMlflow(@TempDir Path copy) throws Exception {
    byte[] archive = ModelArchive.of(model).bytes();
    Files.write(copy.resolve("part-000"), Arrays.copyOf(archive, 100));
    start(UNREACHABLE, Map.of("IRIS_MODEL_COPY", copy.toString(), "IRIS_MODEL_COPY_PARTS", "2"));
    // An incomplete copy is not used.
    await().untilAsserted(() -> assertThat(get("/health").body()).contains("connection refused"));
    Files.write(copy.resolve("part-001"), Arrays.copyOfRange(archive, 100, archive.length));
    await().untilAsserted(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
    assertThat(predict(FLOWER).statusCode()).isEqualTo(200);
  }

  @Test
  void logsInToMlflowWithCredentialsThatAreReplacedWhileItWaits(@TempDir Path login)
      throws Exception {
    mlflow.requireAuthorization("Bearer t0ken");
    Files.writeString(login.resolve("token"), "expired");
    start(mlflow.uri(), Map.of("MLFLOW_CREDENTIALS_FOLDER", login.toString()));
    await().untilAsserted(() -> assertThat(get("/health").body()).contains("answered 401"));
    Files.writeString(login.resolve("token"), "t0ken");
    await().untilAsserted(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
  }

  @Test
  void neverServesAChangedCopyEvenIfMlflowHasTheModel(@TempDir Path copy) throws Exception {
    Map<String, byte[]> files = new TreeMap<>(model.files());
    files.put("MLmodel", new byte[] {1});
    ModelFolder other = new ModelFolder(new TreeMap<>(files));
    Files.write(copy.resolve("part-000"), ModelArchive.of(other).bytes());
    start(mlflow.uri(), Map.of("IRIS_MODEL_COPY", copy.toString()));
    await()
        .untilAsserted(
            () ->
                assertThat(get("/health").body())
                    .contains("copy in " + copy, other.digest(), model.digest()));
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          nope                                        | 400 | -            | the body is not JSON
          -                                           | 400 | -            | Required Body [body] not specified
          7                                           | 400 | -            | the body must be a JSON object
          [1]                                         | 400 | -            | the body must be a JSON object
          {"sepal_length":5                           | 400 | -            | the body is not JSON
          {}                                          | 422 | sepal_length | is missing; it must be a finite number (cm)
          {"sepal_length":"5.1"}                      | 422 | sepal_length | must be a finite number (cm)
          {"sepal_length":null}                       | 422 | sepal_length | must be a finite number (cm)
          {"sepal_length":[5]}                        | 422 | sepal_length | must be a finite number (cm)
          {"sepal_length":true}                       | 422 | sepal_length | must be a finite number (cm)
          {"petal_width":NaN}                         | 422 | petal_width  | must be a finite number (cm)
          {"petal_width":-Infinity}                   | 422 | petal_width  | must be a finite number (cm)
          {"petal_width":1e400}                       | 422 | petal_width  | must be a finite number (cm)
          {"petal_width":1,"petal_width":2}           | 422 | petal_width  | is given twice
          {"colour":1}                                | 422 | colour       | is unknown; allowed fields are sepal_length, sepal_width
          """)
  void reportsTheInvalidField(String body, int status, String field, String message)
      throws Exception {
    start();
    HttpResponse<String> response = predict(body == null ? "" : body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode problem = JSON.readTree(response.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("field").asText(null)).isEqualTo(field);
    assertThat(problem.path("message").asText()).startsWith(message);
    assertThat(problem.path("error").asText()).isNotEmpty();
    assertThat(get("/metrics").body())
        .contains(
            "iris_api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"%d\"} 1.0"
                .formatted(status));
  }

  @Test
  void rejectsDataBehindTheObject() throws Exception {
    start();
    HttpResponse<String> response = predict(FLOWER + "{}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("must not be followed by other data");
  }

  @Test
  void frameworkErrorsHaveTheSameBodyAndAreCounted() throws Exception {
    start();
    var large = HttpRequest.BodyPublishers.ofByteArray(new byte[10_000_000]);
    var text = HttpRequest.BodyPublishers.ofString(FLOWER);
    Map<String, HttpRequest.Builder> invalid =
        Map.of(
            "endpoint=\"/predict\",method=\"POST\",status=\"413\"",
            request("/predict").header("Content-Type", "application/json").POST(large),
            "endpoint=\"/predict\",method=\"POST\",status=\"415\"",
            request("/predict").header("Content-Type", "text/plain").POST(text),
            "endpoint=\"/predict\",method=\"GET\",status=\"405\"",
            request("/predict"),
            "endpoint=\"/predict\",method=\"OTHER\",status=\"405\"",
            request("/predict").method("BREW", HttpRequest.BodyPublishers.noBody()),
            "endpoint=\"unmatched\",method=\"GET\",status=\"404\"",
            request("/no/such/path?x=1"));
    for (Map.Entry<String, HttpRequest.Builder> each : invalid.entrySet()) {
      HttpResponse<String> response = send(each.getValue());
      assertThat(response.headers().firstValue("content-type")).contains("application/json");
      JsonNode problem = JSON.readTree(response.body());
      assertThat(problem.properties().stream().map(Map.Entry::getKey))
          .containsExactly("status", "error", "field", "message");
      assertThat(problem.path("message").asText()).isNotEmpty();
      assertThat(get("/metrics").body())
          .contains("iris_api_requests_total{" + each.getKey() + "} 1.0");
    }
  }

  @Test
  void exposesMetrics() throws Exception {
    start();
    predict(FLOWER);
    HttpResponse<String> scrape = get("/metrics");
    assertThat(scrape.headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(scrape.body().lines())
        .contains(
            "iris_predictions_total{predicted_class=\"setosa\"} 1.0",
            "iris_predictions_total{predicted_class=\"virginica\"} 0.0",
            "iris_prediction_confidence_bucket{predicted_class=\"setosa\",le=\"1.0\"} 1",
            "iris_prediction_confidence_bucket{predicted_class=\"setosa\",le=\"0.99\"} 0",
            "iris_model_loaded 1.0",
            "iris_api_health 1.0",
            "iris_api_active_requests 1.0",
            "iris_model_load_duration_seconds_count 1",
            "iris_model_info{digest=\"%s\",model_version=\"7\",run_id=\"%s\"} 1"
                .formatted(model.digest(), StubMlflow.RUN_ID))
        .anyMatch(
            line ->
                line.startsWith(
                    "iris_api_request_duration_seconds_bucket{endpoint=\"/predict\",le=\"5.0E-5\"}"))
        .anyMatch(line -> line.startsWith("jvm_memory_used_bytes"));
    HttpResponse<String> open =
        send(request("/metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));
    assertThat(open.body()).endsWith("# EOF\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/docs",
        "/docs/res/swagger-ui-bundle.js",
        "/redoc",
        "/redoc/res/redoc.standalone.js"
      })
  void documentationLoadsNothingFromOtherServers(String path) throws Exception {
    start();
    HttpResponse<String> page = get(path);
    assertThat(page.statusCode()).isEqualTo(200);
    if (!path.contains("/res/")) {
      assertThat(page.body()).doesNotContain("http:", "https:");
    }
  }

  @Test
  void openApiDescribesEveryRouteAndNoOther() throws Exception {
    start();
    JsonNode openApi = JSON.readTree(get("/openapi.json").body());
    List<String> described =
        openApi.path("paths").properties().stream()
            .flatMap(
                path ->
                    path.getValue().properties().stream()
                        .map(
                            operation ->
                                operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey()))
            .toList();
    assertThat(described)
        .containsExactlyInAnyOrderElementsOf(
            server
                .getApplicationContext()
                .getBean(Router.class)
                .uriRoutes()
                .map(
                    route ->
                        route.getHttpMethodName()
                            + " "
                            + route.getUriMatchTemplate().toString().replaceAll(":[^}/]+}", "}"))
                // Each GET route has a HEAD route; the document does not describe itself.
                .filter(route -> !route.startsWith("HEAD ") && !route.endsWith("/openapi.json"))
                .distinct()
                .toList());
    assertThat(openApi.path("info").path("version").asText()).isEqualTo(Application.VERSION);
    assertThat(JSON.readTree(get("/").body()).path("docs").asText()).isEqualTo("/docs");
  }

  @Test
  void everyExampleInOpenApiIsAnswered() throws Exception {
    start();
    JsonNode paths = JSON.readTree(get("/openapi.json").body()).path("paths");
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      JsonNode types = path.getValue().path("post").path("requestBody").path("content");
      for (Map.Entry<String, JsonNode> type : types.properties()) {
        assertThat(type.getValue().path("examples")).as(path.getKey()).isNotEmpty();
        for (JsonNode example : type.getValue().path("examples")) {
          JsonNode value = example.path("value");
          HttpResponse<String> response =
              send(
                  request(path.getKey().replace("{name}", "iris").replace("{version}", "7"))
                      .header("Content-Type", type.getKey())
                      .POST(
                          HttpRequest.BodyPublishers.ofString(
                              value.isTextual() ? value.asText() : value.toString())));
          assertThat(response.statusCode()).as(path.getKey() + " " + value).isEqualTo(200);
        }
      }
    }
  }

  @Test
  void withoutMlflowIsAliveAndReportsWhyItIsNotReady() throws Exception {
    URI stopped = mlflow.uri();
    mlflow.close();
    start(stopped);
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    await()
        .untilAsserted(
            () ->
                assertThat(get("/health").body())
                    .contains("connection refused", stopped.toString()));
    assertThat(get("/health").statusCode()).isEqualTo(503);
    assertThat(get("/health").body()).contains("\"unhealthy\"", "\"model_loaded\":false");
    HttpResponse<String> response = predict(FLOWER);
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("retry-after")).contains("1");
    assertThat(get("/metrics").body()).contains("\niris_model_loaded 0.0", "\niris_api_health 0.0");
  }

  @Test
  void neverServesAnotherDigestAndRecovers() throws Exception {
    files.put("MLmodel", new byte[] {1});
    start(mlflow.uri());
    await()
        .untilAsserted(
            () ->
                assertThat(get("/health").body())
                    .contains("has digest sha256:", "want " + model.digest()));
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    files.remove("MLmodel");
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(get("/health/ready").statusCode()).isEqualTo(200));
  }

  @Test
  void isNotReadyWhileDrainingButStillAnswers() throws Exception {
    start();
    server.getApplicationContext().getBean(Health.class).drain();
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(get("/health").body()).contains("the server is shutting down");
    assertThat(predict(FLOWER).statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body()).contains("\niris_api_health 0.0");
  }

  @Test
  void responsesCarryTheRequestId() throws Exception {
    start();
    assertThat(requestId("x-request-id", "order-17/3")).isEqualTo("order-17/3");
    String traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    assertThat(requestId("traceparent", "00-" + traceId + "-00f067aa0ba902b7-01"))
        .isEqualTo(traceId);
    for (String invalid : List.of("a b", "x".repeat(129), "\"quoted\"")) {
      assertThat(requestId("x-request-id", invalid)).matches("[0-9a-f]{32}");
    }
    assertThat(requestId("traceparent", "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01"))
        .matches("(?!0{32})[0-9a-f]{32}");
    assertThat(get("/nowhere").headers().firstValue("x-request-id")).isPresent();
  }

  private String requestId(String header, String value) throws Exception {
    HttpResponse<String> response = send(request("/").header(header, value));
    return response.headers().firstValue("x-request-id").orElseThrow();
  }

  /** However many endpoints have been called: each has a histogram. */
  @Test
  void theMetricsAreSmall() throws Exception {
    start();
    predict(FLOWER);
    for (String path :
        List.of(
            "/",
            "/docs",
            "/openapi.json",
            "/ping",
            "/version",
            "/health",
            "/health/live",
            "/v1/models",
            "/v1/models/iris",
            "/v2",
            "/v2/health/live",
            "/v2/health/ready",
            "/v2/models/iris",
            "/v2/models/iris/ready",
            "/nowhere",
            "/metrics")) {
      get(path);
    }
    for (String path :
        List.of("/predict", "/invocations", "/v1/models/iris:predict", "/v2/models/iris/infer")) {
      send(
          request(path)
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString("{}")));
    }
    HttpResponse<String> scrape = get("/metrics");
    assertThat(scrape.body()).contains("endpoint=\"/v2/models/{name}/infer\"");
    assertThat(scrape.body().length()).isLessThan(50_000);
  }

  @Test
  void unknownPathsAddNoTimeSeries() throws Exception {
    start();
    get("/nowhere/at/all");
    // The first scrape is itself a counted request.
    get("/metrics");
    long before = get("/metrics").body().lines().count();
    for (int n = 0; n < 1000; n++) {
      get("/nowhere/" + n + "?q=" + n);
    }
    HttpResponse<String> scrape = get("/metrics");
    assertThat(scrape.body().lines()).hasSize((int) before);
    assertThat(scrape.body().length()).isLessThan(25_000);
  }
}
