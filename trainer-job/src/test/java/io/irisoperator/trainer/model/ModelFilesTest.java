package io.irisoperator.trainer.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.DatasetReader;
import io.irisoperator.mlflow.LoggedModel;
import io.irisoperator.model.Iris;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.OnnxMetadata;
import io.irisoperator.model.OnnxModel;
import io.irisoperator.model.OnnxReader;
import io.irisoperator.model.ServableModel;
import io.irisoperator.trainer.forest.ForestTrainer;
import io.irisoperator.trainer.forest.HyperParameters;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelFilesTest {

  private static ModelFolder folder(String runId) throws Exception {
    return folder(new ModelFiles.Origin(runId, "iris-model", Optional.empty()));
  }

  private static ModelFolder folder(ModelFiles.Origin origin) throws Exception {
    Dataset train = DatasetReader.read(Path.of("../data/iris_train.csv"));
    Dataset test = DatasetReader.read(Path.of("../data/iris_test.csv"));
    var forest = ForestTrainer.fit(train, new HyperParameters(5, 4, 2, 1, 42)).forest();
    return ModelFiles.of(forest, train, test, origin, Instant.parse("2026-01-02T03:04:05Z"));
  }

  @Test
  void theFolderIsServable() throws Exception {
    ServableModel model = ServableModel.of(folder("0123456789abcdef0123456789abcdef"));
    assertThat(model.schema().classNames()).isEqualTo(Iris.CLASSES);
  }

  @Test
  void mlmodelNamesTheLoggedModel() throws Exception {
    LoggedModel model = new LoggedModel("m-1", "mlflow-artifacts:/1/models/m-1/artifacts");
    ModelFolder folder = folder(new ModelFiles.Origin("r1", "iris-model", Optional.of(model)));
    assertThat(new String(folder.files().get("MLmodel"), UTF_8))
        .startsWith("artifact_path: mlflow-artifacts:/1/models/m-1/artifacts\n")
        .contains("\nmodel_id: m-1\nmodel_uuid: m-1\nrun_id: r1\n");
  }

  @Test
  void onlyMlmodelDependsOnTheRun() throws Exception {
    ModelFolder one = folder("0123456789abcdef0123456789abcdef");
    ModelFolder other = folder("fedcba9876543210fedcba9876543210");
    assertThat(one.files().keySet())
        .containsExactly(
            "MLmodel",
            "conda.yaml",
            "golden.json",
            "input_example.json",
            "model.onnx",
            "python_env.yaml",
            "requirements.txt");
    for (String name : one.files().keySet()) {
      if (!name.equals("MLmodel")) {
        assertThat(one.files().get(name)).as(name).isEqualTo(other.files().get(name));
      }
    }
    assertThat(new String(one.files().get("MLmodel"), UTF_8))
        .contains("run_id: 0123456789abcdef0123456789abcdef")
        .contains("utc_time_created: '2026-01-02 03:04:05.000000'");
  }

  @Test
  void theModelHasTheHistogramsOfItsTrainingData() throws Exception {
    OnnxModel onnx = OnnxReader.read(folder("0").files().get(ModelFolder.ONNX));
    JsonNode histograms =
        new JsonMapper()
            .readTree(onnx.metadata().properties().get(OnnxMetadata.FEATURE_HISTOGRAMS));
    for (String feature : Iris.FEATURES) {
      int rows = 0;
      for (JsonNode count : histograms.path(feature).path("counts")) {
        rows += count.asInt();
      }
      assertThat(rows).as(feature).isEqualTo(3998);
      assertThat(histograms.path(feature).path("edges")).hasSize(21);
    }
  }
}
