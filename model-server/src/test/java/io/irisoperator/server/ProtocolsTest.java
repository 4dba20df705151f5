package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.testkit.StubMlflow;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of KServe, Triton and MLflow servers work unchanged. */
class ProtocolsTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String INFER = "/v2/models/iris/infer";
  private static final String HEADER_LENGTH = "Inference-Header-Content-Length";

  private static HttpClient http;
  private static StubMlflow mlflow;
  private static EmbeddedServer server;

  @BeforeAll
  static void start() throws Exception {
    http = HttpClient.newHttpClient();
    mlflow = new StubMlflow();
    mlflow.addRun(StubMlflow.RUN_ID, "FINISHED", SmallModel.folder().files());
    server = StubbedServer.start(mlflow, SmallModel.folder().digest());
    await().untilAsserted(() -> assertThat(get("/ping").statusCode()).isEqualTo(200));
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

  private static HttpResponse<String> post(String path, String type, String body) throws Exception {
    return http.send(
        request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode infer(String body) throws Exception {
    HttpResponse<String> response = post(INFER, "application/json", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("x-model-run-id")).contains(StubMlflow.RUN_ID);
    return JSON.readTree(response.body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'inputs':[{'name':'X','shape':[2,4],'datatype':'FP32','data':[5.1,3.5,1.4,0.2,6,3,5,2]}]}",
        "{'inputs':[{'name':'any','shape':[2,4],'datatype':'FP64','data':[[5.1,3.5,1.4,0.2],[6,3,5,2]]}]}",
        "{'outputs':[{'name':'label'},{'name':'probabilities'}],'inputs':[{'data':[[5.1,3.5,1.4,0.2],[6,3,5,2]],'shape':[2,4],'datatype':'FP32','name':'X','parameters':{'content_type':'np'}}],'parameters':{'some':{'other':[1]}}}",
        "{'inputs':[{'name':'petal_width','shape':[2],'datatype':'FP32','data':[0.2,2]},{'name':'petal_length','shape':[2,1],'datatype':'FP64','data':[[1.4],[5]]},{'name':'sepal_width','shape':[2],'datatype':'INT32','data':[3,3]},{'name':'sepal_length','shape':[2,1],'datatype':'INT64','data':[5,6]}]}"
      })
  void answersOpenInferenceRequests(String body) throws Exception {
    assertThat(infer(body.replace('\'', '"')))
        .isEqualTo(
            JSON.readTree(
                """
                {"model_name": "iris", "model_version": "7",
                 "parameters": {"run_id": "%s", "digest": "%s"},
                 "outputs": [
                   {"name": "label", "datatype": "INT64", "shape": [2], "data": [0, 1]},
                   {"name": "probabilities", "datatype": "FP32", "shape": [2, 3],
                    "data": [1.0, 0.0, 0.0, 0.0, 0.75, 0.25]}]}
                """
                    .formatted(StubMlflow.RUN_ID, SmallModel.folder().digest())));
  }

  @Test
  void repeatsTheIdAndReturnsOnlyRequestedOutputs() throws Exception {
    JsonNode response =
        infer(
            "{\"id\":\"order 17\",\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[5,3,1,0]}],\"outputs\":[{\"name\":\"label\"}]}");
    assertThat(response.path("id").asText()).isEqualTo("order 17");
    assertThat(response.path("outputs")).hasSize(1);
    assertThat(response.path("outputs").path(0).path("data").path(0).asInt()).isZero();
  }

  @Test
  void acceptsAndReturnsBinaryTensors() throws Exception {
    byte[] header =
        "{\"inputs\":[{\"name\":\"X\",\"shape\":[2,4],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":32}}],\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"probabilities\"},{\"name\":\"label\",\"parameters\":{\"binary_data\":false}}]}"
            .getBytes(UTF_8);
    ByteBuffer body = ByteBuffer.allocate(header.length + 32).order(ByteOrder.LITTLE_ENDIAN);
    body.put(header);
    for (float value : new float[] {5.1f, 3.5f, 1.4f, .2f, 6, 3, 5, 2}) {
      body.putFloat(value);
    }
    HttpResponse<byte[]> response =
        http.send(
            request(INFER)
                .header(HEADER_LENGTH, Integer.toString(header.length))
                .POST(BodyPublishers.ofByteArray(body.array()))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/octet-stream");
    int length = Integer.parseInt(response.headers().firstValue(HEADER_LENGTH).orElseThrow());
    JsonNode json = JSON.readTree(Arrays.copyOf(response.body(), length));
    assertThat(json.at("/outputs/0/parameters/binary_data_size").asInt()).isEqualTo(24);
    assertThat(json.at("/outputs/1/data/1").asInt()).isEqualTo(1);
    ByteBuffer binary = ByteBuffer.wrap(response.body(), length, 24).order(ByteOrder.LITTLE_ENDIAN);
    float[] probabilities = new float[6];
    binary.asFloatBuffer().get(probabilities);
    assertThat(probabilities).containsExactly(1, 0, 0, 0, .75f, .25f);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          nope                                                                          | the body is not JSON
          []                                                                            | must be a JSON object
          {}                                                                            | 'inputs' must be one tensor
          {"inputs":{}}                                                                 | 'inputs' must be a list
          {"inputs":[7]}                                                                | a list of objects
          {"inputs":[{"shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}               | needs 'name'
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"BYTES","data":[1,2,3,4]}]}   | send one of [FP32, FP64, INT32, INT64]
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32"}]}                     | needs either 'data' or
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3]}]}      | has 3 values, but its shape is [1, 4]
          {"inputs":[{"name":"X","shape":[9223372036854775807,4],"datatype":"FP32","data":[1]}]} | but its shape is
          {"inputs":[{"name":"X","shape":[-1,4],"datatype":"FP32","data":[1,2,3,4]}]}   | 'shape' must be
          {"inputs":[{"name":"X","shape":[1,5],"datatype":"FP32","data":[1,2,3,4,5]}]}  | must be one tensor of shape [n, 4]
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3,"4"]}]}  | 'data' must be a list of numbers
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[[[[[[[[[1]]]]]]]]]}]} | nested too deeply
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","parameters":{"binary_data_size":16}}]} | has a binary_data_size of 16
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}],"outputs":[{"name":"species"}]} | output 'species' does not exist
          {"inputs":[{"name":"X","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}{}  | must not be followed
          """)
  void reportsErrorsInTheProtocolsFormat(String body, String error) throws Exception {
    HttpResponse<String> response = post(INFER, "application/json", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    JsonNode json = JSON.readTree(response.body());
    assertThat(json.properties()).hasSize(1);
    assertThat(json.path("error").asText()).contains(error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /v2                                | 200 | "extensions":["binary_tensor_data"]
          /v2/health/live                    | 200 | {"live":true}
          /v2/health/ready                   | 200 | {"ready":true}
          /v2/models/iris                    | 200 | "class_names":"setosa,versicolor,virginica"
          /v2/models/iris/ready              | 200 | {"name":"iris","ready":true}
          /v2/models/iris/versions/7         | 200 | "versions":["7"]
          /v2/models/iris/versions/7/ready   | 200 | {"name":"iris","ready":true}
          /v2/models/iris/versions/8         | 404 | {"error":"model 'iris' has no version '8'; this server serves version '7'"}
          /v2/models/rose                    | 404 | {"error":"model 'rose' does not exist; this server serves 'iris'"}
          /v2/nothing                        | 404 | {"error":
          /v1/models                         | 200 | {"models":["iris"]}
          /v1/models/iris                    | 200 | {"name":"iris","ready":true}
          /v1/models/rose                    | 404 | {"error":"model 'rose' does not exist; this server serves 'iris'"}
          /version                           | 200 | 0.1.0
          """)
  void reportsServerAndModelMetadata(String path, int status, String part) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains(part);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'dataframe_split':{'columns':['sepal length (cm)','sepal width (cm)','petal length (cm)','petal width (cm)'],'data':[[5.1,3.5,1.4,0.2],[6,3,5,2]]}}",
        "{'dataframe_split':{'index':[0,1],'columns':['petal_width','sepal_length','sepal_width','petal_length'],'data':[[0.2,5.1,3.5,1.4],[2,6,3,5]]}}",
        "{'dataframe_records':[{'sepal_length':5.1,'sepal_width':3.5,'petal_length':1.4,'petal_width':0.2},{'petal_width':2,'sepal_length':6,'sepal_width':3,'petal_length':5}]}",
        "{'instances':[[5.1,3.5,1.4,0.2],[6,3,5,2]]}",
        "{'inputs':[[5.1,3.5,1.4,0.2],[6,3,5,2]]}",
        "{'inputs':{'sepal_length':[5.1,6],'sepal_width':[[3.5],[3]],'petal_length':[1.4,5],'petal_width':[0.2,2]}}"
      })
  void answersMlflowsJsonFormats(String body) throws Exception {
    HttpResponse<String> response =
        post("/invocations", "application/json", body.replace('\'', '"'));
    assertThat(response.body()).isEqualTo("{\"predictions\":[0,1]}");
  }

  @Test
  void answersCsvLikeMlflow() throws Exception {
    HttpResponse<String> response =
        post(
            "/invocations",
            "text/csv",
            "petal_width,sepal_length,\"sepal width (cm)\",petal_length\r\n0.2,5.1,3.5,1.4\n2,6,3,5\n");
    assertThat(response.body()).isEqualTo("{\"predictions\":[0,1]}");
    assertThat(
            post(
                    "/invocations",
                    "text/csv",
                    "sepal_length,sepal_width,petal_length,petal_width\n5,3,x,2")
                .body())
        .contains("\"error_code\":\"BAD_REQUEST\"", "value 2 of row 0 is not a number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nope",
        "[]",
        "{}",
        "{'instances':7}",
        "{'instances':[[1,2,3]]}",
        "{'instances':[[1,2,3,null]]}",
        "{'inputs':{'sepal_length':[1]}}",
        "{'inputs':{}}",
        "{'instances':[],'inputs':[]}",
        "{'dataframe_split':{'columns':['a','b','c','d'],'data':[[1,2,3,4]]}}",
        "{'dataframe_records':[{'sepal_length':1}]}"
      })
  void rejectsOtherFormatsLikeMlflow(String body) throws Exception {
    HttpResponse<String> response =
        post("/invocations", "application/json", body.replace('\'', '"'));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(JSON.readTree(response.body()).path("message").asText()).isNotEmpty();
  }

  @Test
  void answersKServeV1Requests() throws Exception {
    HttpResponse<String> response =
        post(
            "/v1/models/iris:predict",
            "application/json",
            "{\"instances\":[[5.1,3.5,1.4,0.2],[6,3,5,2]]}");
    assertThat(response.body()).isEqualTo("{\"predictions\":[0,1]}");
  }

  @Test
  void answersAListOfFlowersWithAListOfPredictions() throws Exception {
    String flower =
        "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":%s,\"petal_width\":0.2}";
    HttpResponse<String> response =
        post(
            "/predict",
            "application/json",
            "[" + flower.formatted("1.4") + "," + flower.formatted("5") + "]");
    assertThat(response.body())
        .isEqualTo(
            "[{\"prediction\":\"setosa\",\"confidence\":1.0},{\"prediction\":\"versicolor\",\"confidence\":0.75}]");
    assertThat(post("/predict", "application/json", "[]").body()).isEqualTo("[]");
    HttpResponse<String> wrong =
        post(
            "/predict",
            "application/json",
            "[" + flower.formatted("1.4") + "," + flower.formatted("1e999") + "]");
    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(JSON.readTree(wrong.body()).path("field").asText()).isEqualTo("[1].petal_length");
    assertThat(post("/predict", "application/json", "[" + flower.formatted("1.4")).statusCode())
        .isEqualTo(400);
  }

  @Test
  void rejectsTooManyRows() throws Exception {
    String rows = "[5,3,1,0],".repeat(10_000) + "[5,3,1,0]";
    String column = ":[" + "1,".repeat(10_001) + "1]";
    for (String body :
        new String[] {
          "{\"instances\":[" + rows + "]}",
          "{\"inputs\":{\"sepal_length\"%1$s,\"sepal_width\"%1$s,\"petal_length\"%1$s,\"petal_width\"%1$s}}"
              .formatted(column)
        }) {
      assertThat(post("/invocations", "application/json", body).body())
          .contains("more than 10000 rows");
    }
    assertThat(
            post(
                    INFER,
                    "application/json",
                    "{\"inputs\":[{\"name\":\"X\",\"datatype\":\"FP32\",\"shape\":[10001,4],\"data\":["
                        + rows
                        + "]}]}")
                .body())
        .contains("more than 10000 rows");
  }

  /** Each output repeats the whole result: a small request could request hundreds of megabytes. */
  @Test
  void rejectsRepeatedAndUnknownOutputsWithoutCountingPredictions() throws Exception {
    String before = predictions();
    String tensor =
        "{\"inputs\":[{\"name\":\"X\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[5,3,1,0]}],\"outputs\":[%s]}";
    String label = "{\"name\":\"label\"}";
    HttpResponse<String> twice =
        post(INFER, "application/json", tensor.formatted(label + "," + label));
    assertThat(twice.statusCode()).isEqualTo(400);
    assertThat(twice.body()).contains("output 'label' is requested twice");
    HttpResponse<String> unknown =
        post(INFER, "application/json", tensor.formatted("{\"name\":\"species\"}"));
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body())
        .contains("output 'species' does not exist", "label and probabilities");
    assertThat(predictions()).isEqualTo(before);
  }

  private static String predictions() throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("iris_predictions_total"))
        .toList()
        .toString();
  }

  /** Jackson detects UTF-32 in some bytes, and then throws an exception that is not its own. */
  @ParameterizedTest
  @ValueSource(strings = {"/predict", INFER, "/invocations", "/v1/models/iris:predict"})
  void rejectsBytesInNoEncodingOfJson(String path) throws Exception {
    for (byte[] body : new byte[][] {{0, 0x7B, 0, 0}, {0, 0, 0, 0x5B, 0x7F, 0, 0, 0}}) {
      HttpResponse<String> response =
          http.send(
              request(path)
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofByteArray(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.body()).contains("the body is not JSON");
    }
  }

  /** The router ignores a trailing slash; so do labels and error formats. */
  @Test
  void ignoresATrailingSlash() throws Exception {
    assertThat(post("/invocations/", "application/json", "{}").body()).contains("error_code");
    assertThat(get("/metrics").body())
        .contains("endpoint=\"/invocations\",method=\"POST\",status=\"400\"");
  }

  /** A Prometheus with native histograms sends this header. */
  @Test
  void returnsMetricsAsTextToClientsThatPreferProtobuf() throws Exception {
    HttpResponse<String> scrape =
        http.send(
            request("/metrics")
                .header(
                    "Accept",
                    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(scrape.statusCode()).isEqualTo(200);
    assertThat(scrape.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
    assertThat(scrape.body()).contains("iris_api_requests_total");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /                                    | GET  | /
          /predict                             | POST | /predict
          /health                              | GET  | /health
          /health/live                         | GET  | /health/live
          /health/ready                        | GET  | /health/ready
          /metrics                             | GET  | /metrics
          /docs                                | GET  | /docs
          /docs/res/swagger-ui.css             | GET  | /docs
          /redoc/                              | GET  | /redoc
          /openapi.json                        | GET  | /openapi.json
          /invocations                         | POST | /invocations
          /ping                                | GET  | /ping
          /version                             | GET  | /version
          /v1/models                           | GET  | /v1/models
          /v1/models/iris                      | GET  | /v1/models/{name}
          /v1/models/iris:predict              | POST | /v1/models/{name}:predict
          /v2                                  | GET  | /v2
          /v2/                                 | GET  | /v2
          /v2/health/live                      | GET  | /v2/health/live
          /v2/health/ready                     | GET  | /v2/health/ready
          /v2/models/iris                      | GET  | /v2/models/{name}
          /v2/models/iris/ready?x=1            | GET  | /v2/models/{name}/ready
          /v2/models/iris/infer                | POST | /v2/models/{name}/infer
          /v2/models/iris/versions/7           | GET  | /v2/models/{name}/versions/{version}
          /v2/models/iris/versions/7/ready     | GET  | /v2/models/{name}/versions/{version}/ready
          /v2/models/iris/versions/7/infer     | POST | /v2/models/{name}/versions/{version}/infer
          /nowhere                             | GET  | unmatched
          /predict/x                           | POST | unmatched
          /healthy                             | GET  | unmatched
          /v1/models/iris:explain              | POST | unmatched
          /v2/models                           | GET  | unmatched
          /v2/models/iris/versions             | GET  | unmatched
          /v2/models/iris/ready/x              | GET  | unmatched
          """)
  void labelsRequestsWithTheTemplateOfTheirRoute(String path, String method, String endpoint)
      throws Exception {
    // The right method, a wrong one, one without a route, and a wrong content type.
    for (String each : new String[] {method, "DELETE", "BREW", "POST"}) {
      double before = requests(endpoint);
      http.send(
          request(path)
              .header("Content-Type", each.equals("POST") ? "image/png" : "application/json")
              .method(each, BodyPublishers.ofString(method.equals("GET") ? "" : "{}"))
              .build(),
          HttpResponse.BodyHandlers.discarding());
      // Reading the metrics is a request, too.
      double expected = endpoint.equals("/metrics") ? 2 : 1;
      assertThat(requests(endpoint) - before).as(each + " " + path).isEqualTo(expected);
    }
  }

  private static double requests(String endpoint) throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("iris_api_requests_total{endpoint=\"" + endpoint + "\","))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void doesNotUseModelNamesAsLabels() throws Exception {
    get("/v2/models/rose");
    get("/v2/models/rose/versions/1/ready");
    assertThat(get("/metrics").body())
        .contains(
            "endpoint=\"/v2/models/{name}\"",
            "endpoint=\"/v2/models/{name}/versions/{version}/ready\"")
        .doesNotContain("rose");
  }
}
