package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.onnx.proto.OnnxMl;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.testkit.StubMlflow;
import io.irisoperator.testkit.TestGraph;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A graph with labels of its own, over HTTP. */
class GraphServerTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> LABELS =
      List.of("Iris-setosa", "Iris-versicolor", "Iris-virginica");
  private static final String ROWS = "[[5.1,3.5,1.4,0.2],[6.3,3.3,6,2.5]]";

  private static HttpClient http;
  private static StubMlflow mlflow;
  private static EmbeddedServer server;

  @BeforeAll
  static void start() throws Exception {
    ModelFolder model = new ModelFolder(new TreeMap<>(Map.of(ModelFolder.ONNX, onnx())));
    http = HttpClient.newHttpClient();
    mlflow = new StubMlflow();
    mlflow.addRun(StubMlflow.RUN_ID, "FINISHED", model.files());
    server = StubbedServer.start(mlflow, model.digest());
    await().untilAsserted(() -> assertThat(get("/ping").statusCode()).isEqualTo(200));
  }

  /** With the histograms of a training on flowers from 0 to 10 cm. */
  private static byte[] onnx() {
    String range = "{\"edges\":[0,5,10],\"counts\":[1,1]}";
    return TestGraph.logisticRegression(LABELS)
        .addMetadataProps(
            OnnxMl.StringStringEntryProto.newBuilder()
                .setKey("feature_histograms")
                .setValue(
                    "{\"sepal_length\":%1$s,\"sepal_width\":%1$s,\"petal_length\":%1$s,\"petal_width\":%1$s}"
                        .formatted(range)))
        .build()
        .toByteArray();
  }

  @AfterAll
  static void stop() {
    server.close();
    mlflow.close();
    http.close();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.getURI().resolve(path));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode post(String path, String body) throws Exception {
    HttpResponse<String> response =
        http.send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static double metric(String name) throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }

  @Test
  void everyProtocolAnswersWithTheModelsLabels() throws Exception {
    JsonNode labels = JSON.readTree("[\"Iris-setosa\",\"Iris-virginica\"]");
    assertThat(
            post("/v1/models/iris:predict", "{\"instances\":%s}".formatted(ROWS))
                .path("predictions"))
        .isEqualTo(labels);
    assertThat(post("/invocations", "{\"inputs\":%s}".formatted(ROWS)).path("predictions"))
        .isEqualTo(labels);
    JsonNode output =
        post(
                "/v2/models/iris/infer",
                "{\"inputs\":[{\"name\":\"X\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":%s}]}"
                    .formatted(ROWS))
            .path("outputs")
            .path(0);
    assertThat(output)
        .isEqualTo(
            JSON.readTree(
                "{\"name\":\"label\",\"datatype\":\"BYTES\",\"shape\":[2],\"data\":%s}"
                    .formatted(labels)));
    assertThat(get("/v2/models/iris").body()).contains("\"name\":\"label\",\"datatype\":\"BYTES\"");
  }

  @Test
  void predictAnswersAlikeForOneFlowerAndForAList() throws Exception {
    String flower =
        "{\"sepal_length\":6.3,\"sepal_width\":3.3,\"petal_length\":6,\"petal_width\":2.5}";
    double before = metric("iris_predictions_total{predicted_class=\"Iris-virginica\"}");
    JsonNode one = post("/predict", flower);
    assertThat(one.path("prediction").asText()).isEqualTo("Iris-virginica");
    assertThat(one.path("confidence").asDouble()).isBetween(.9, 1.);
    assertThat(post("/predict", "[%s,%s]".formatted(flower, flower)))
        .isEqualTo(JSON.createArrayNode().add(one).add(one));
    assertThat(metric("iris_predictions_total{predicted_class=\"Iris-virginica\"}"))
        .isEqualTo(before + 3);
  }

  @Test
  void binaryLabelsHaveTheirLengthsBeforeThem() throws Exception {
    HttpResponse<byte[]> response =
        http.send(
            request("/v2/models/iris/infer")
                .POST(
                    BodyPublishers.ofString(
                        "{\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2]}],\"outputs\":[{\"name\":\"label\",\"parameters\":{\"binary_data\":true}}]}"))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    int json =
        Integer.parseInt(
            response.headers().firstValue("Inference-Header-Content-Length").orElseThrow());
    ByteBuffer binary =
        ByteBuffer.wrap(response.body(), json, response.body().length - json)
            .order(ByteOrder.LITTLE_ENDIAN);
    assertThat(binary.getInt()).isEqualTo(LABELS.getFirst().length());
    assertThat(UTF_8.decode(binary).toString()).isEqualTo(LABELS.getFirst());
  }

  @Test
  void countsRowsOutsideTheRangeOfTheTraining() throws Exception {
    double before = metric("iris_rows_out_of_range_total");
    String flower =
        "{\"sepal_length\":%s,\"sepal_width\":3.3,\"petal_length\":6,\"petal_width\":2.5}";
    post("/predict", flower.formatted("10"));
    assertThat(metric("iris_rows_out_of_range_total")).isEqualTo(before);
    post("/predict", flower.formatted("-0.05"));
    post("/predict", "[%s]".formatted(flower.formatted("10.1")));
    assertThat(metric("iris_rows_out_of_range_total")).isEqualTo(before + 2);
  }

  @Test
  void aFieldThatIsNullCountsAsAbsent() throws Exception {
    JsonNode response =
        post(
            "/v2/models/iris/infer",
            "{\"id\":null,\"parameters\":null,\"outputs\":null,\"inputs\":[{\"name\":\"X\",\"shape\":[2,4],\"datatype\":\"FP32\",\"parameters\":null,\"data\":%s}]}"
                .formatted(ROWS));
    assertThat(response.has("id")).isFalse();
    assertThat(response.path("outputs")).hasSize(2);
  }
}
