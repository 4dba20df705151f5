package io.irisoperator.trainer.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.evaluation.FeatureHistograms;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.mlflow.LoggedModel;
import io.irisoperator.model.ClassLabels;
import io.irisoperator.model.Forest;
import io.irisoperator.model.GoldenFile;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.Iris;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxMetadata;
import io.irisoperator.model.OnnxWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * Creates the folder that {@code mlflow.onnx.log_model} creates, and adds golden rows. The ONNX
 * file and the golden rows depend on the data and the forest only; {@code MLmodel} also depends on
 * the run.
 *
 * @see <a href="https://mlflow.org/docs/latest/ml/model/#storage-format">MLflow's storage
 *     format</a>
 */
public final class ModelFiles {
  private static final int GOLDEN_ROWS = 50;
  private static final String MLFLOW_VERSION = "3.17.2";
  private static final String PYTHON_VERSION = "3.11.2";
  private static final List<String> REQUIREMENTS =
      List.of("mlflow==" + MLFLOW_VERSION, "onnx==1.19.1", "onnxruntime==1.23.2", "numpy<3");
  private static final DateTimeFormatter PYTHON_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final JsonMapper JSON = new JsonMapper();

  private ModelFiles() {}

  /**
   * The model in MLflow.
   *
   * @param artifactPath the model's name in the run
   * @param loggedModel the logged model, if the server has them
   */
  public record Origin(String runId, String artifactPath, Optional<LoggedModel> loggedModel) {}

  /**
   * Creates the folder.
   *
   * @param test its first rows become the golden rows
   */
  public static ModelFolder of(
      Forest forest, Dataset train, Dataset test, Origin origin, Instant now) {
    Map<String, String> files = new TreeMap<>();
    files.put("MLmodel", mlModel(origin, now));
    files.put("requirements.txt", String.join("\n", REQUIREMENTS) + "\n");
    files.put("python_env.yaml", pythonEnv());
    files.put("conda.yaml", conda());
    files.put(
        "input_example.json",
        json(test.flowers().stream().limit(2).map(f -> f.features()).toList()));
    Map<String, byte[]> folder = new TreeMap<>();
    files.forEach((name, text) -> folder.put(name, text.getBytes(StandardCharsets.UTF_8)));
    folder.put(ModelFolder.ONNX, OnnxWriter.write(onnx(forest, train)));
    folder.put(ModelFolder.GOLDEN, GoldenFile.write(golden(forest, test)));
    return new ModelFolder(new TreeMap<>(folder));
  }

  private static OnnxForest onnx(Forest forest, Dataset train) {
    return new OnnxForest(
        forest,
        ClassLabels.positions(forest.classCount()),
        new OnnxMetadata(
            Map.of(
                OnnxMetadata.CLASS_NAMES,
                json(Iris.CLASSES),
                OnnxMetadata.FEATURE_NAMES,
                json(Iris.FEATURES),
                OnnxMetadata.FEATURE_HISTOGRAMS,
                json(FeatureHistograms.of(train)))));
  }

  private static List<GoldenRow> golden(Forest forest, Dataset test) {
    return IntStream.range(0, Math.min(GOLDEN_ROWS, test.size()))
        .mapToObj(i -> test.flowers().get(i).features())
        .map(row -> GoldenRow.of(forest, Arrays.stream(row).boxed().toList()))
        .toList();
  }

  private static String mlModel(Origin origin, Instant now) {
    // Only a tensor without a name lets pyfunc take both arrays and data frames.
    return """
    artifact_path: %s
    flavors:
      onnx:
        code: null
        data: model.onnx
        onnx_session_options: null
        onnx_version: 1.19.1
        providers:
        - CPUExecutionProvider
      python_function:
        data: model.onnx
        env:
          conda: conda.yaml
          virtualenv: python_env.yaml
        loader_module: mlflow.onnx
        python_version: %s
    mlflow_version: %s
    %smodel_uuid: %s
    run_id: %s
    saved_input_example_info:
      artifact_path: input_example.json
      type: ndarray
    signature:
      inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
      outputs: '[{"name": "label", "type": "tensor", "tensor-spec": {"dtype": "int64", "shape":
        [-1]}}, {"name": "probabilities", "type": "tensor", "tensor-spec": {"dtype": "float32",
        "shape": [-1, 3]}}]'
      params: null
    utc_time_created: '%s'
    """
        .formatted(
            origin.loggedModel().map(LoggedModel::artifactUri).orElse(origin.artifactPath()),
            PYTHON_VERSION,
            MLFLOW_VERSION,
            origin.loggedModel().map(m -> "model_id: " + m.modelId() + "\n").orElse(""),
            origin.loggedModel().map(LoggedModel::modelId).orElse(modelUuid(origin.runId())),
            origin.runId(),
            PYTHON_TIME.format(now));
  }

  /** A run has one model, so that the model's UUID is derived from the run's id. */
  private static String modelUuid(String runId) {
    return UUID.nameUUIDFromBytes(runId.getBytes(StandardCharsets.UTF_8))
        .toString()
        .replace("-", "");
  }

  private static String pythonEnv() {
    return """
    python: %s
    build_dependencies:
    - pip
    dependencies:
    - -r requirements.txt
    """
        .formatted(PYTHON_VERSION);
  }

  private static String conda() {
    StringBuilder conda =
        new StringBuilder(
            """
            channels:
            - conda-forge
            dependencies:
            - python=%s
            - pip
            - pip:
            """
                .formatted(PYTHON_VERSION));
    REQUIREMENTS.forEach(r -> conda.append("  - ").append(r).append('\n'));
    return conda.append("name: mlflow-env\n").toString();
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("lists and maps of numbers and text are always JSON", e);
    }
  }
}
