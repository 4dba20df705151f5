package io.irisoperator.mlflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Files in a store that MLflow does not serve are read by their run, their model or their version.
 */
class MlflowArtifactsTest {
  private static final String LOGGED_MODEL =
      "{\"model\":{\"info\":{\"name\":\"iris-model\",\"status\":\"LOGGED_MODEL_READY\",\"artifact_uri\":\"s3://b/1/models/m-1/artifacts\"}}}";

  /** Bodies by path and query. */
  private final Map<String, String> responses = new ConcurrentHashMap<>();

  private final Map<String, byte[]> posted = new ConcurrentHashMap<>();
  private HttpServer server;
  private MlflowArtifacts artifacts;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::respond);
    server.start();
    artifacts =
        new MlflowArtifacts(
            Connection.to(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
            Duration.ofSeconds(5),
            HttpClient.Builder.NO_PROXY,
            MlflowCallListener.NOOP);
  }

  @AfterEach
  void stop() {
    artifacts.close();
    server.stop(0);
  }

  private void respond(HttpExchange exchange) throws IOException {
    String asked = exchange.getRequestURI().toString();
    if (exchange.getRequestMethod().equals("POST")) {
      posted.put(asked, exchange.getRequestBody().readAllBytes());
      responses.put(asked, "{}");
    }
    byte[] body = responses.getOrDefault(asked, "{\"message\":\"not found\"}").getBytes(UTF_8);
    exchange.sendResponseHeaders(responses.containsKey(asked) ? 200 : 404, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static Run run(String... modelIds) {
    return new Run(
        "r",
        "1",
        RunStatus.FINISHED,
        false,
        "s3://b/1/r/artifacts",
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        List.of(modelIds));
  }

  private void addRunsFolder() {
    responses.put(
        "/api/2.0/mlflow/artifacts/list?path=iris-model&run_id=r",
        "{\"files\":[{\"path\":\"iris-model/model.onnx\",\"is_dir\":false},{\"path\":\"iris-model/more\",\"is_dir\":true}]}");
    responses.put(
        "/api/2.0/mlflow/artifacts/list?path=iris-model%2Fmore&run_id=r",
        "{\"files\":[{\"path\":\"iris-model/more/a file\",\"is_dir\":false}]}");
    responses.put("/get-artifact?path=iris-model%2Fmodel.onnx&run_id=r", "onnx");
    responses.put("/get-artifact?path=iris-model%2Fmore%2Fa+file&run_id=r", "more");
  }

  private void addLoggedModel() {
    responses.put("/api/2.0/mlflow/logged-models/m-1", LOGGED_MODEL);
    responses.put(
        "/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/directories",
        "{\"files\":[{\"path\":\"model.onnx\",\"is_dir\":false},{\"path\":\"more\",\"is_dir\":true}]}");
    responses.put(
        "/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/directories?artifact_directory_path=more",
        "{\"files\":[{\"path\":\"more/file\",\"is_dir\":false}]}");
    responses.put(
        "/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=model.onnx",
        "onnx");
    responses.put(
        "/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=more%2Ffile",
        "more");
  }

  private void addVersion(String downloadUri) {
    responses.put(
        "/api/2.0/mlflow/model-versions/get-download-uri?name=prod&version=1",
        "{\"artifact_uri\":\"%s\"}".formatted(downloadUri));
  }

  private static ModelVersion copied() {
    return new ModelVersion("prod", "1", "r", "models:/staging/1", true);
  }

  private void assertFiles(String uri, String... files) throws MlflowException {
    Map<String, byte[]> downloaded = artifacts.download(uri, 100);
    assertThat(downloaded.keySet()).containsExactly(files);
    assertThat(new String(downloaded.get("model.onnx"), UTF_8)).isEqualTo("onnx");
  }

  @Test
  void readsTheFolderOfARun() throws Exception {
    addRunsFolder();
    assertThat(artifacts.modelFolder(run(), "iris-model"))
        .contains(new ModelLocation("iris-model", "runs:/r/iris-model"));
    assertFiles("runs:/r/iris-model", "model.onnx", "more/a file");
  }

  @Test
  void readsTheFolderOfALoggedModel() throws Exception {
    addLoggedModel();
    assertThat(artifacts.modelFolder(run("m-1"), "iris-model"))
        .contains(new ModelLocation("iris-model", "models:/m-1"));
    assertFiles("models:/m-1", "model.onnx", "more/file");
  }

  @Test
  void findsWhatAVersionWasCopiedFrom() throws Exception {
    addRunsFolder();
    addVersion("s3://b/1/r/artifacts/iris-model");
    assertThat(artifacts.modelFolder(copied(), run()))
        .contains(new ModelLocation("iris-model", "runs:/r/iris-model"));
    addLoggedModel();
    addVersion("s3://b/1/models/m-1/artifacts");
    assertThat(artifacts.modelFolder(copied(), run()))
        .contains(new ModelLocation("iris-model", "models:/m-1"));
  }

  @Test
  void readsTheModelOfAVersionFromAnywhere() throws Exception {
    addVersion("s3://elsewhere/exported");
    assertThat(artifacts.modelFolder(copied(), run()))
        .contains(new ModelLocation("exported", "models:/prod/1"));
    String file = "/model-versions/get-artifact?name=prod&path=%s&version=1";
    responses.put(file.formatted("model.onnx"), "onnx");
    responses.put(file.formatted("MLmodel"), "flavors: {}");
    assertFiles("models:/prod/1", "MLmodel", "model.onnx");
    responses.remove(file.formatted("model.onnx"));
    assertThat(artifacts.download("models:/prod/1", 100)).containsOnlyKeys("MLmodel");
    responses.remove(file.formatted("MLmodel"));
    assertThatThrownBy(() -> artifacts.download("models:/prod/1", 100))
        .isInstanceOf(MlflowException.class);
  }

  @Test
  void uploadsFilesOfARunUpToMlflowsLimit() throws Exception {
    assertThat(artifacts.takesLoggedModels(run())).isFalse();
    artifacts.upload(run(), "iris-model/model.onnx", new byte[] {1, 2});
    assertThat(posted)
        .containsOnlyKeys(
            "/ajax-api/2.0/mlflow/upload-artifact?path=iris-model%2Fmodel.onnx&run_uuid=r");
    assertThatThrownBy(() -> artifacts.upload(run(), "model.onnx", new byte[(10 << 20) + 1]))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining("model.onnx has 10485761 bytes, and MLflow takes up to 10485760");
  }

  @Test
  void namesAUriThatIsNoRunsAndNoModels() {
    assertThatThrownBy(() -> artifacts.download("s3://b/1", 100))
        .isInstanceOf(MlflowException.class)
        .hasMessageContaining(
            "the artifact URI s3://b/1 names neither a run nor a model of MLflow");
  }
}
