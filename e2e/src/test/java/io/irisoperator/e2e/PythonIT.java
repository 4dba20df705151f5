package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.ServableModel;
import io.irisoperator.mlflow.Run;
import java.util.List;
import java.util.TreeMap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A data scientist works with Python. */
class PythonIT {
  private static Stack stack;

  @BeforeAll
  static void connect() {
    stack = new Stack();
  }

  @AfterAll
  static void disconnect() {
    stack.close();
  }

  @Test
  @Execution(CONCURRENT)
  void mlflowsPythonLoadsTheTrainedModelAndPredictsAsTheServerDoes() throws Exception {
    Run run = stack.trainedRun();
    JsonNode python =
        new JsonMapper()
            .readTree(stack.python("client", "predict.py", run.runId(), TestRows.TEST.toString()));
    ServableModel model = ServableModel.of(new ModelFolder(new TreeMap<>(stack.files(run))));
    double[][] rows = TestRows.first(1000);
    float[] probabilities = new float[3];
    for (int r = 0; r < rows.length; r++) {
      int label = model.forest().predict(rows[r], probabilities);
      assertThat(python.path("label").get(r).asInt()).isEqualTo(label);
      for (int c = 0; c < probabilities.length; c++) {
        // Several threads sum the trees in another order.
        assertThat(python.path("probabilities").get(r).get(c).asDouble())
            .isCloseTo(probabilities[c], Offset.offset(2e-6));
      }
    }
  }

  @Test
  @Execution(CONCURRENT)
  void clientsOfOtherServersAskAsTheyAlwaysDid() throws Exception {
    String address =
        stack
            .client
            .services()
            .inNamespace(Stack.NAMESPACE)
            .withName("iris")
            .get()
            .getSpec()
            .getClusterIP();
    JsonNode told = new JsonMapper().readTree(stack.python("protocols", "protocols.py", address));
    assertThat(told.path("triton_live").asBoolean()).isTrue();
    assertThat(told.path("triton_ready").asBoolean()).isTrue();
    assertThat(told.path("kserve_live").asBoolean()).isTrue();
    assertThat(told.path("kserve_ready").asBoolean()).isTrue();
    assertThat(told.path("triton_id").asText()).isEqualTo("order-17");
    JsonNode expected = told.path("predict");
    assertThat(expected).hasSize(3);
    for (String client :
        List.of(
            "triton_binary",
            "triton_json",
            "triton_columns",
            "kserve_v1",
            "kserve_v2",
            "mlserver")) {
      assertThat(told.path(client)).as(client).isEqualTo(expected);
    }
    assertThat(told.path("mlflow")).hasSize(4).allMatch(expected::equals);
    assertThat(told.path("triton_binary_probabilities"))
        .isEqualTo(told.path("triton_json_probabilities"));
  }

  @ParameterizedTest
  @Execution(CONCURRENT)
  @ValueSource(strings = {"default", "zipmap-false", "double"})
  void aForestLoggedFromScikitLearnIsServedAndAnswersAsOnnxRuntimeDoes(String kind)
      throws Exception {
    String name = "sklearn-" + kind;
    String runId =
        stack
            .python("client", "sklearn_model.py", "e2e_" + name, kind, TestRows.TRAIN.toString())
            .lines()
            .filter(line -> line.matches("[0-9a-f]{32}"))
            .findFirst()
            .orElseThrow();
    stack.apply(name, "{model: {latest: {experiment: e2e_" + name + "}}}");
    stack.awaitReady(name, runId);
    Run run = stack.mlflow.run(runId);
    new Predictions(stack, name).assertAnswersAs(stack.files(run).get("model.onnx"), 30);
    stack.delete(name);
  }
}
