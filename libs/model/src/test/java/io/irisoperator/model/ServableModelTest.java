package io.irisoperator.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ServableModelTest {

  private static Forest forest(int features, int classes) throws InvalidModelException {
    return new RandomForests(RandomGenerator.of("L64X128MixRandom"), features, classes)
        .forest(Precision.FLOAT32, 10, 4);
  }

  private static byte[] onnx(Forest forest) {
    return OnnxWriter.write(OnnxForest.of(forest));
  }

  private static ModelFolder folder(Map<String, byte[]> files) {
    return new ModelFolder(new TreeMap<>(files));
  }

  @Test
  void aForestWithoutClassNamesServesIris() throws Exception {
    var model = ServableModel.of(folder(Map.of("model.onnx", onnx(forest(4, 3)))));
    assertThat(model.schema().classNames()).containsExactly("setosa", "versicolor", "virginica");
  }

  @Test
  void readsTheGoldenRowsThatItWrote() throws Exception {
    Forest forest = forest(4, 3);
    var rows =
        List.of(
            GoldenRow.of(forest, List.of(5.1, 3.5, 1.4, 0.2)),
            GoldenRow.of(forest, List.of(-0.1, 0.3, 1e-3, 17.0)));
    assertThat(GoldenFile.read(GoldenFile.write(rows))).isEqualTo(rows);
    ServableModel.of(
        folder(Map.of("model.onnx", onnx(forest), "golden.json", GoldenFile.write(rows))));
  }

  @Test
  void namesAGoldenRowWithOtherProbabilities() throws Exception {
    Forest forest = forest(4, 3);
    var wrong = new GoldenRow(List.of(5.1, 3.5, 1.4, 0.2), List.of(0.5f, 0.25f, 0.25f));
    assertRejected(
        Map.of("model.onnx", onnx(forest), "golden.json", GoldenFile.write(List.of(wrong))),
        "golden.json: the row [5.1, 3.5, 1.4, 0.2] must give [0.5, 0.25, 0.25], the model gives");
  }

  @Test
  void namesAnInvalidGoldenFile() throws Exception {
    byte[] onnx = onnx(forest(4, 3));
    for (String golden :
        List.of(
            "",
            "null",
            "[]",
            "{}",
            "{\"rows\":null}",
            "{\"rows\":[null]}",
            "{\"rows\":[",
            "{\"rows\":[]} []",
            "{\"rows\":[],\"more\":1}",
            "{\"rows\":[{\"features\":[\"1\"],\"probabilities\":[]}]}",
            "{\"rows\":[{\"features\":[1],\"probabilities\":[1],\"more\":1}]}",
            "{\"rows\":[{\"features\":[null],\"probabilities\":[]}]}",
            "{\"rows\":[{\"features\":[1]}]}")) {
      assertRejected(
          Map.of("model.onnx", onnx, "golden.json", golden.getBytes(UTF_8)),
          "golden.json: not a list of golden rows");
    }
    // Looks like UTF-32, but is not.
    assertRejected(
        Map.of("model.onnx", onnx, "golden.json", new byte[] {0, 0x7B, 0, 0}),
        "golden.json: not a list of golden rows");
    assertRejected(
        Map.of(
            "model.onnx",
            onnx,
            "golden.json",
            GoldenFile.write(List.of(new GoldenRow(List.of(1.0), List.of(1f))))),
        "golden.json: the row [1.0] has 1 features, the model has 4");
  }

  @Test
  void takesColumnsInTheOrderThatTheModelNames() throws Exception {
    Forest forest = forest(4, 3);
    byte[] onnx = onnx(forest);
    String mlmodel =
        """
        signature:
          inputs: '[{"type": "float", "name": "petal width (cm)"}, {"type": "float", "name":
            "SepalLengthCm"}, {"type": "float", "name": "Petal.Length"}, {"type": "float",
            "name": "sepal_width"}]'
        """;
    ServableModel bySignature =
        ServableModel.of(folder(Map.of("model.onnx", onnx, "MLmodel", mlmodel.getBytes(UTF_8))));
    assertThat(bySignature.schema().features())
        .containsExactly("petal_width", "sepal_length", "petal_length", "sepal_width");
    ServableModel byMetadata =
        ServableModel.of(
            folder(
                Map.of(
                    "model.onnx",
                    OnnxWriter.write(
                        new OnnxForest(
                            forest,
                            ClassLabels.positions(3),
                            new OnnxMetadata(
                                Map.of(
                                    "feature_names",
                                    "[\"petal_width\",\"sepal_length\",\"petal_length\",\"sepal_width\"]")))))));
    float[] expected = new float[3];
    float[] probabilities = new float[3];
    for (double[] row : new double[][] {{5.1, 3.5, 1.4, 0.2}, {6.3, 3.3, 6, 2.5}, {-1, 0, 1, 2}}) {
      int label = forest.predict(new double[] {row[3], row[0], row[2], row[1]}, expected);
      for (ServableModel model : List.of(bySignature, byMetadata)) {
        Evaluator evaluator = new Evaluator(((OnnxForest) model.onnx()).forest());
        assertThat(evaluator.predict(row, probabilities)).isEqualTo(label);
        assertThat(probabilities).isEqualTo(expected);
      }
    }
    assertRejected(
        Map.of("model.onnx", onnx, "MLmodel", mlmodel.replace("sepal_width", "x").getBytes(UTF_8)),
        "model.onnx: the columns of its signature in MLmodel are [petal width (cm), SepalLengthCm, Petal.Length, x], want each of [sepal_length, sepal_width, petal_length, petal_width]");
    assertRejected(
        Map.of("model.onnx", onnx, "MLmodel", "a: [".getBytes(UTF_8)), "MLmodel: not YAML: ");
    assertRejected(
        Map.of("model.onnx", onnx, "MLmodel", "[".repeat(500_000).getBytes(UTF_8)),
        "MLmodel: nested too deeply");
  }

  @Test
  void knowsTheNamesThatLibrariesGiveToFeatures() {
    for (String name :
        List.of(
            "sepal_width",
            "sepal width (cm)",
            "Sepal.Width",
            "SepalWidthCm",
            "sepal-width",
            "sepal_width_cm",
            // As skl2onnx names the inputs of a DataFrame's columns.
            "sepal_width__cm_")) {
      assertThat(Iris.featureIndex(name)).as(name).contains(1);
    }
    for (String name : List.of("", "width", "sepal_width*", "sepal_width2", "x sepal_width")) {
      assertThat(Iris.featureIndex(name)).as(name).isEmpty();
    }
  }

  @Test
  void labelsThatAreNotTheUsualNumbersAreTheirOwnNames() throws Exception {
    for (ClassLabels labels :
        List.of(
            new ClassLabels.Int64(List.of(1L, 2L, 3L)),
            new ClassLabels.Text(List.of("1", "2", "3")))) {
      byte[] onnx = OnnxWriter.write(new OnnxForest(forest(4, 3), labels, OnnxMetadata.NONE));
      Schema schema = ServableModel.of(folder(Map.of("model.onnx", onnx))).schema();
      assertThat(schema.labels()).isEqualTo(labels);
      assertThat(schema.classNames()).containsExactly("1", "2", "3");
    }
  }

  @Test
  void twoClassesMustNotHaveOneLabel() throws Exception {
    byte[] onnx =
        OnnxWriter.write(
            new OnnxForest(
                forest(4, 3), new ClassLabels.Int64(List.of(1L, 1L, 2L)), OnnxMetadata.NONE));
    assertRejected(
        Map.of("model.onnx", onnx),
        "its classes have the labels [1, 1, 2]: each must have its own");
  }

  @Test
  void namesInvalidClassNames() throws Exception {
    for (String names : List.of("", "null", "a,b,c", "[\"a\",\"b\",null]", "[\"a\"", "[] []")) {
      assertRejected(
          Map.of("model.onnx", withClassNames(names)), "model.onnx: metadata class_names is not");
    }
    assertRejected(
        Map.of("model.onnx", withClassNames("[\"a\"]")), "metadata class_names must have 3 names");
  }

  private static byte[] withClassNames(String names) throws InvalidModelException {
    return OnnxWriter.write(
        new OnnxForest(
            forest(4, 3),
            ClassLabels.positions(3),
            new OnnxMetadata(Map.of(OnnxMetadata.CLASS_NAMES, names))));
  }

  @Test
  void namesAnotherSchema() throws Exception {
    assertRejected(
        Map.of("model.onnx", onnx(forest(5, 3))),
        "model.onnx: it has 5 features, Iris has 4: sepal_length");
    assertRejected(
        Map.of("model.onnx", onnx(forest(4, 4))),
        "model.onnx: it has 4 classes, Iris has 3: setosa");
  }

  @Test
  void aFolderWithoutOnnxSaysHowToLogOne() throws Exception {
    String sklearn =
        """
        artifact_path: iris-model
        flavors:
          python_function:
            env:
              conda: conda.yaml
            loader_module: mlflow.sklearn
          sklearn:
            code: null
            pickled_model: model.pkl
        mlflow_version: 3.17.2
        """;
    assertRejected(
        Map.of("MLmodel", sklearn.getBytes(UTF_8), "model.pkl", new byte[1]),
        "model.onnx is missing: the model was logged with mlflow.sklearn; log it as ONNX: "
            + "mlflow.onnx.log_model(to_onnx(model, X[:1]), name=\"iris-model\"), with to_onnx from skl2onnx");
    assertRejected(
        Map.of("MLmodel", sklearn.replace("sklearn", "xgboost").getBytes(UTF_8)),
        "mlflow.onnx.log_model(convert_xgboost(model, initial_types=[(\"X\", FloatTensorType([None, 4]))]), "
            + "name=\"iris-model\"), with convert_xgboost from onnxmltools");
    assertRejected(
        Map.of("MLmodel", sklearn.replace("sklearn", "catboost").getBytes(UTF_8)),
        "mlflow.onnx.log_model(onnx.load(\"m.onnx\"), name=\"iris-model\"), "
            + "after model.save_model(\"m.onnx\", format=\"onnx\")");
    assertRejected(
        Map.of("MLmodel", sklearn.replace("sklearn", "pytorch").getBytes(UTF_8)),
        "the model was logged with mlflow.pytorch; log it as ONNX: "
            + "mlflow.onnx.log_model(onnx_model, name=\"iris-model\")");
    assertRejected(
        Map.of("MLmodel", "flavors:\n  python_function:\n    data: x\n".getBytes(UTF_8)),
        "model.onnx is missing: the model was not logged with mlflow.onnx; log it as ONNX: ");
    assertRejected(
        Map.of("README", new byte[0], "a/b", new byte[0]),
        "model.onnx is missing, found: README, a/b");
  }

  @Test
  void theDigestCoversNamesAndBytes() {
    String digest = folder(Map.of("a", new byte[] {1}, "b/c", new byte[] {2})).digest();
    // printf '\0\0\0\0\0\0\0\1a\0\0\0\0\0\0\0\1\1\0\0\0\0\0\0\0\3b/c\0\0\0\0\0\0\0\1\2' | sha256sum
    assertThat(digest)
        .isEqualTo("sha256:aef2c076d48423f6106a000876e16087201f46df46d6128a9d5cb686cb51801b");
    assertThat(folder(Map.of("a", new byte[] {1}, "b/d", new byte[] {2})).digest())
        .isNotEqualTo(digest);
    assertThat(folder(Map.of("a", new byte[] {1, 2}, "b/c", new byte[0])).digest())
        .isNotEqualTo(digest);
  }

  private static void assertRejected(Map<String, byte[]> files, String message) {
    assertThatThrownBy(() -> ServableModel.of(folder(files)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
  }
}
