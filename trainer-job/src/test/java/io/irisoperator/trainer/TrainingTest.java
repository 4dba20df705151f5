package io.irisoperator.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.irisoperator.contract.RunTags;
import io.irisoperator.contract.TrainerEnv;
import io.irisoperator.contract.TrainerResult;
import io.irisoperator.mlflow.Connection;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.model.ModelFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a training logs, to a stub of MLflow. */
class TrainingTest {
  private static final String API = "/api/2.0/mlflow/";
  private static final String ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/1/";
  private static final JsonMapper JSON = new JsonMapper();

  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, byte[]> uploads = new ConcurrentHashMap<>();

  /** Answers by path below the API; of the others the answer is a run. */
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  /** The number of requests that are answered with 503 first. */
  private final AtomicInteger unavailable = new AtomicInteger();

  private HttpServer server;

  private record Request(String method, String path, JsonNode body) {}

  private record Answer(int status, String body) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    answer("experiments/get-by-name", 200, "{'experiment':{'experiment_id':'1'}}");
    answer("experiments/get", 200, "{'experiment':{'experiment_id':'1','tags':[]}}");
    answer(
        "logged-models",
        200,
        "{'model':{'info':{'model_id':'m-1','artifact_uri':'mlflow-artifacts:/1/models/m-1/artifacts'}}}");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(String path, int status, String body) {
    answers.put(path, new Answer(status, body.replace('\'', '"')));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    Answer answer = new Answer(200, "{}");
    if (unavailable.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      answer = new Answer(503, "");
    } else if (path.startsWith(ARTIFACTS)) {
      uploads.put(path.substring(ARTIFACTS.length()), body);
      answer = answers.getOrDefault(path.substring(ARTIFACTS.length()), answer);
    } else {
      String endpoint = path.substring(API.length());
      requests.add(new Request(exchange.getRequestMethod(), endpoint, JSON.readTree(body)));
      answer = answers.getOrDefault(endpoint, new Answer(200, run()));
    }
    exchange.sendResponseHeaders(answer.status(), 0);
    exchange.getResponseBody().write(answer.body().getBytes(UTF_8));
    exchange.close();
  }

  private static String run() {
    return """
    {"run":{"info":{"run_id":"r1","experiment_id":"1","status":"RUNNING",
    "artifact_uri":"mlflow-artifacts:/1/r1/artifacts"}}}
    """;
  }

  private TrainerResult train() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    TrainingConfig config =
        TrainingConfig.from(
            Map.of(
                TrainerEnv.TRACKING_URI,
                uri.toString(),
                TrainerEnv.TRAIN_DATA,
                "../data/iris_train.csv",
                TrainerEnv.TEST_DATA,
                "../data/iris_test.csv",
                TrainerEnv.N_ESTIMATORS,
                "5"));
    try (MlflowClient mlflow =
        new MlflowClient(
            Connection.to(uri),
            Duration.ofSeconds(10),
            HttpClient.Builder.NO_PROXY,
            MlflowCallListener.NOOP)) {
      return new Training(config, mlflow, Clock.systemUTC()).run();
    }
  }

  private List<JsonNode> bodies(String method, String path) {
    return requests.stream()
        .filter(r -> r.method().equals(method) && r.path().equals(path))
        .map(Request::body)
        .toList();
  }

  private Map<String, String> tags() {
    Map<String, String> tags = new HashMap<>();
    for (JsonNode body : bodies("POST", "runs/log-batch")) {
      body.path("tags").forEach(t -> tags.put(t.path("key").asText(), t.path("value").asText()));
    }
    return tags;
  }

  private String uploadedDigest(String folder) {
    TreeMap<String, byte[]> files = new TreeMap<>();
    uploads.forEach(
        (path, bytes) -> {
          if (path.startsWith(folder)) {
            files.put(path.substring(folder.length()), bytes);
          }
        });
    return new ModelFolder(files).digest();
  }

  @Test
  void logsALoggedModelWithItsScores() throws Exception {
    assertThat(train().runId()).isEqualTo("r1");
    assertThat(uploads).containsKey("models/m-1/artifacts/model.onnx");
    assertThat(uploads.keySet()).noneMatch(path -> path.startsWith("r1/artifacts/iris-model/"));
    assertThat(tags())
        .containsEntry(RunTags.DIGEST + "iris-model", uploadedDigest("models/m-1/artifacts/"));

    JsonNode model = bodies("POST", "logged-models").getFirst();
    assertThat(model.path("name").asText()).isEqualTo("iris-model");
    assertThat(model.path("source_run_id").asText()).isEqualTo("r1");
    assertThat(bodies("PATCH", "logged-models/m-1"))
        .singleElement()
        .matches(body -> body.path("status").asText().equals("LOGGED_MODEL_READY"));
    assertThat(bodies("POST", "runs/outputs"))
        .singleElement()
        .matches(body -> body.at("/models/0/model_id").asText().equals("m-1"));
    assertThat(bodies("POST", "runs/log-batch"))
        .anySatisfy(
            body -> {
              JsonNode metric = body.at("/metrics/0");
              assertThat(metric.path("key").asText()).isEqualTo("test_accuracy");
              assertThat(metric.path("model_id").asText()).isEqualTo("m-1");
              assertThat(metric.path("dataset_name").asText()).isEqualTo("iris_test.csv");
            });
  }

  @Test
  void waitsForMlflowWhichANewPodMayNotReachAtOnce() throws Exception {
    unavailable.set(5);
    assertThat(train().runId()).isEqualTo("r1");
  }

  @Test
  void logsItsDataSetsAndTheKindOfExperiment() throws Exception {
    train();
    JsonNode inputs = bodies("POST", "runs/log-inputs").getFirst().path("datasets");
    assertThat(inputs.findValuesAsText("name")).contains("iris_train.csv", "iris_test.csv");
    assertThat(inputs.at("/0/tags/0/key").asText()).isEqualTo("mlflow.data.context");
    assertThat(inputs.at("/0/tags/0/value").asText()).isEqualTo("training");
    assertThat(inputs.at("/1/tags/0/value").asText()).isEqualTo("testing");
    String digest = inputs.at("/0/dataset/digest").asText();
    assertThat(tags().get(RunTags.TRAIN_DATA_DIGEST)).startsWith("sha256:" + digest);
    assertThat(digest.length()).isLessThanOrEqualTo(36);
    JsonNode kind = bodies("POST", "experiments/set-experiment-tag").getFirst();
    assertThat(kind.path("key").asText()).isEqualTo("mlflow.experimentKind");
    assertThat(kind.path("value").asText()).isEqualTo("custom_model_development");
  }

  @Test
  void keepsTheKindThatAnExperimentHas() throws Exception {
    answer(
        "experiments/get",
        200,
        "{'experiment':{'experiment_id':'1','tags':[{'key':'mlflow.experimentKind','value':'genai_development'}]}}");
    train();
    assertThat(bodies("POST", "experiments/set-experiment-tag")).isEmpty();
  }

  @Test
  void logsTheModelToTheRunOfAnOlderMlflow() throws Exception {
    answer("logged-models", 404, "<title>404 Not Found</title>");
    assertThat(train().runId()).isEqualTo("r1");
    assertThat(uploads).containsKey("r1/artifacts/iris-model/model.onnx");
    assertThat(tags())
        .containsEntry(RunTags.DIGEST + "iris-model", uploadedDigest("r1/artifacts/iris-model/"));
    assertThat(bodies("POST", "runs/outputs")).isEmpty();
    assertThat(bodies("POST", "runs/log-batch"))
        .anyMatch(body -> body.at("/metrics/0/key").asText().equals("test_accuracy"));
  }

  @Test
  void succeedsWithoutInputsAndKind() throws Exception {
    answer("experiments/get", 500, "");
    answer("runs/log-inputs", 403, "{'message':'no'}");
    assertThat(train().runId()).isEqualTo("r1");
  }

  @Test
  void marksALoggedModelWithoutItsFilesAsFailed() {
    answer("models/m-1/artifacts/model.onnx", 500, "disk full");
    assertThatThrownBy(this::train).hasMessageContaining("answered 500: disk full");
    assertThat(bodies("PATCH", "logged-models/m-1"))
        .singleElement()
        .matches(body -> body.path("status").asText().equals("LOGGED_MODEL_UPLOAD_FAILED"));
    assertThat(bodies("POST", "runs/outputs")).isEmpty();
  }

  @Test
  void anUnreachableMlflowFailsTheTrainingAndMarksTheRun() {
    answer("logged-models", 503, "busy");
    assertThatThrownBy(this::train)
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("answered 503: busy");
    assertThat(tags().get(RunTags.FAILURE)).contains("answered 503");
    assertThat(bodies("POST", "runs/update"))
        .anyMatch(body -> body.path("status").asText().equals("FAILED"));
  }
}
