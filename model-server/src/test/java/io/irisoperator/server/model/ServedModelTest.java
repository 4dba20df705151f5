package io.irisoperator.server.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.irisoperator.model.ClassLabels;
import io.irisoperator.model.Classifier;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.ServableModel;
import io.irisoperator.testkit.TestGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Graphs that are no plain forests are served by ONNX Runtime. */
class ServedModelTest {
  private static final double[] FLOWERS = {
    5.1, 3.5, 1.4, 0.2, 7.0, 3.2, 4.7, 1.4, 6.3, 3.3, 6.0, 2.5
  };

  /** Of the three flowers. */
  private static final int[] CLASSES = {0, 1, 2};

  private static ServedModel serve(OnnxMl.ModelProto.Builder graph) throws InvalidModelException {
    return serve(graph, Map.of());
  }

  private static ServedModel serve(OnnxMl.ModelProto.Builder graph, Map<String, byte[]> others)
      throws InvalidModelException {
    Map<String, byte[]> files = new HashMap<>(others);
    files.put(ModelFolder.ONNX, graph.build().toByteArray());
    return ServedModel.of(ServableModel.of(new ModelFolder(new TreeMap<>(files))));
  }

  private static void assertPredicts(ServedModel model, int... classes) {
    Classifier classifier = model.classifier();
    int[] labels = new int[3];
    float[] probabilities = new float[9];
    classifier.predict(FLOWERS, 3, probabilities, labels);
    assertThat(labels).containsExactly(classes);
    for (int row = 0; row < 3; row++) {
      assertThat(probabilities[3 * row] + probabilities[3 * row + 1] + probabilities[3 * row + 2])
          .isCloseTo(1, within(1e-6f));
      assertThat(probabilities[3 * row + labels[row]]).isGreaterThan(.7f);
    }
    float[] first = new float[3];
    assertThat(classifier.predict(FLOWERS, first)).isEqualTo(labels[0]);
    assertThat(first).containsExactly(probabilities[0], probabilities[1], probabilities[2]);
  }

  @Test
  void predictsWithMapsOfProbabilities() throws Exception {
    assertPredicts(serve(TestGraph.logisticRegression()), CLASSES);
    assertPredicts(serve(TestGraph.withZipMap()), CLASSES);
  }

  /** As LightGBM's exporter does. */
  @Test
  void theFileMayDeclareAnotherNumberOfLabelsThanItGives() throws Exception {
    OnnxMl.ModelProto.Builder graph = TestGraph.logisticRegression();
    graph
        .getGraphBuilder()
        .getOutputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(1);
    assertPredicts(serve(graph), CLASSES);
  }

  @Test
  void answersBatchesOfAnySizeInMemoryThatIsUsedAgain() throws Exception {
    Classifier classifier = serve(TestGraph.logisticRegression()).classifier();
    for (int count : new int[] {3, 1, 2, 10_000, 300, 0, 1, 9_999}) {
      double[] rows = new double[4 * count];
      int[] expected = new int[count];
      for (int row = 0; row < count; row++) {
        expected[row] = (row + count) % 3;
        System.arraycopy(FLOWERS, 4 * expected[row], rows, 4 * row, 4);
      }
      int[] labels = new int[count];
      classifier.predict(rows, count, new float[3 * count], labels);
      assertThat(labels).isEqualTo(expected);
    }
  }

  @Test
  void keepsTheLabelsOfTheModel() throws Exception {
    ServedModel model = serve(TestGraph.logisticRegression(List.of("a", "b", "c")));
    assertPredicts(model, CLASSES);
    assertThat(model.schema().labels()).isEqualTo(new ClassLabels.Text(List.of("a", "b", "c")));
    assertThat(model.schema().classNames()).containsExactly("a", "b", "c");
  }

  @Test
  void takesAnInputForEachFeatureInAnyOrder() throws Exception {
    List<String> names =
        List.of("sepal_width", "sepal length (cm)", "petal.length", "PetalWidthCm");
    assertPredicts(serve(TestGraph.withInputs(names)), CLASSES);
  }

  @Test
  void takesColumnsInTheOrderOfTheSignature() throws Exception {
    String mlmodel =
        """
        flavors:
          onnx: {data: model.onnx}
        signature:
          inputs: '[{"type": "float", "name": "petal_length", "required": true}, {"type":
            "float", "name": "petal_width"}, {"type": "float", "name": "sepal length (cm)"},
            {"type": "float", "name": "SepalWidthCm"}]'
        """;
    OnnxMl.ModelProto.Builder graph = TestGraph.logisticRegression();
    // The columns of the coefficients move with those of the input.
    graph
        .getGraphBuilder()
        .getNodeBuilder(0)
        .setAttribute(
            1, TestGraph.floats("coefficients", -2.5f, -1, 0, 0, 0.2f, -0.8f, 0, 0, 2, 2.5f, 0, 0));
    Map<String, byte[]> signature = Map.of("MLmodel", mlmodel.getBytes(UTF_8));
    assertPredicts(serve(graph, signature), CLASSES);
    assertThatThrownBy(
            () ->
                serve(
                    graph,
                    Map.of("MLmodel", mlmodel.replace("petal_width", "colour").getBytes(UTF_8))))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(
            "the columns of its signature in MLmodel are [petal_length, colour, sepal length (cm), SepalWidthCm], want each of [sepal_length, sepal_width, petal_length, petal_width]");
  }

  @Test
  void rejectsScoresThatAreNoProbabilities() {
    OnnxMl.ModelProto.Builder graph = TestGraph.logisticRegression();
    graph.getGraphBuilder().getNodeBuilder(0).removeAttribute(3);
    assertRejected(graph, "which are no probabilities: use a classifier with predict_proba");
  }

  @Test
  void rejectsAGraphThatTakesOneRowOnly() {
    OnnxMl.ModelProto.Builder graph = TestGraph.logisticRegression();
    graph
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(1);
    assertRejected(graph, "a trial prediction of 4 rows failed: ONNX Runtime cannot predict");
  }

  @Test
  void rejectsAGraphThatOnnxRuntimeDoesNotLoad() {
    OnnxMl.ModelProto.Builder graph = TestGraph.logisticRegression();
    graph.getGraphBuilder().setOutput(1, TestGraph.value("probabilities", DataType.DOUBLE, 3));
    assertRejected(graph, "ONNX Runtime rejects the model");
  }

  private static void assertRejected(OnnxMl.ModelProto.Builder graph, String message) {
    assertThatThrownBy(() -> serve(graph))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
  }
}
