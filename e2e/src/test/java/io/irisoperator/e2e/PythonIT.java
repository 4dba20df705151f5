package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.mlflow.Run;
import io.irisoperator.model.Forest;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxReader;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Python clients load models from MLflow, request predictions and log models. */
@ExtendWith(StackExtension.class)
class PythonIT {
  private final Stack stack;

  PythonIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  @Execution(CONCURRENT)
  void mlflowForPythonLoadsTheTrainedModelAndPredictsTheSame() throws Exception {
    Run run = stack.mlflow.trainedRun();
    JsonNode python =
        new JsonMapper()
            .readTree(
                stack.commands.python(
                    "client", "predict.py", run.runId(), TestData.TEST_FILE.toString()));
    Forest forest = ((OnnxForest) OnnxReader.read(stack.mlflow.onnx(run))).forest();
    double[][] rows = TestData.rows(1000);
    float[] probabilities = new float[3];
    for (int r = 0; r < rows.length; r++) {
      int label = forest.predict(rows[r], probabilities);
      assertThat(python.path("label").get(r).asInt()).isEqualTo(label);
      for (int c = 0; c < probabilities.length; c++) {
        // With several threads the trees are summed in another order.
        assertThat(python.path("probabilities").get(r).get(c).asDouble())
            .isCloseTo(probabilities[c], Offset.offset(2e-6));
      }
    }
  }

  @Test
  @Execution(CONCURRENT)
  @Tag("node")
  void clientsOfOtherModelServersWorkUnchanged() throws Exception {
    String address = stack.irisModels.clusterIp("iris");
    JsonNode report =
        new JsonMapper().readTree(stack.commands.python("protocols", "protocols.py", address));
    assertThat(report.path("triton_live").asBoolean()).isTrue();
    assertThat(report.path("triton_ready").asBoolean()).isTrue();
    assertThat(report.path("kserve_live").asBoolean()).isTrue();
    assertThat(report.path("kserve_ready").asBoolean()).isTrue();
    assertThat(report.path("triton_id").asText()).isEqualTo("order-17");
    JsonNode expected = report.path("predict");
    assertThat(expected).hasSize(3);
    for (String client :
        List.of(
            "triton_binary",
            "triton_json",
            "triton_columns",
            "kserve_v1",
            "kserve_v2",
            "mlserver")) {
      assertThat(report.path(client)).as(client).isEqualTo(expected);
    }
    assertThat(report.path("mlflow")).hasSize(4).allMatch(expected::equals);
    assertThat(report.path("triton_binary_probabilities"))
        .isEqualTo(report.path("triton_json_probabilities"));
  }

  @ParameterizedTest
  @Execution(CONCURRENT)
  @ValueSource(strings = {"default", "zipmap-false", "double"})
  void aForestLoggedFromScikitLearnIsServedAndPredictsLikeOnnxRuntime(String kind)
      throws Exception {
    String name = "sklearn-" + kind;
    String runId =
        stack
            .commands
            .python(
                "client", "sklearn_model.py", "e2e_" + name, kind, TestData.TRAIN_FILE.toString())
            .lines()
            .filter(line -> line.matches("[0-9a-f]{32}"))
            .findFirst()
            .orElseThrow();
    stack.irisModels.apply(name, "{model: {latest: {experiment: e2e_" + name + "}}}");
    stack.irisModels.awaitReady(name, runId);
    Run run = stack.mlflow.client.run(runId);
    new PredictionClient(stack, name).assertPredictsLikeOnnxRuntime(stack.mlflow.onnx(run), 30);
    stack.irisModels.delete(name);
  }
}
