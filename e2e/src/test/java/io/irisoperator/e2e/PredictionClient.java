package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.e2e.OnnxRuntimePredictions.Prediction;
import io.irisoperator.model.Iris;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Requests predictions from inside the cluster, by the name of the Service. */
record PredictionClient(Stack stack, String service) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The bodies of the responses, in the order of the rows. */
  List<String> predict(double[][] rows) throws Exception {
    String script =
        Arrays.stream(rows)
            .map(
                row ->
                    "wget -q -O- --header 'Content-Type: application/json' --post-data '%s' http://%s/predict; echo"
                        .formatted(TestData.json(row), service))
            .collect(Collectors.joining("\n", "set -e\n", ""));
    return stack.shell.run(script).lines().toList();
  }

  /**
   * Asserts that each response is ONNX Runtime's prediction with this file: the class, and the
   * probability to the last bit.
   *
   * @param count the number of rows, from the test data
   */
  void assertPredictsLikeOnnxRuntime(byte[] onnx, int count) throws Exception {
    double[][] rows = TestData.rows(count);
    List<Prediction> expected = OnnxRuntimePredictions.of(onnx, rows);
    List<String> bodies = predict(rows);
    assertThat(bodies).hasSize(count);
    for (int r = 0; r < count; r++) {
      JsonNode body = JSON.readTree(bodies.get(r));
      assertThat(body.path("prediction").asText())
          .as(bodies.get(r))
          .isEqualTo(Iris.CLASSES.get(expected.get(r).label()));
      assertThat(Float.parseFloat(body.path("confidence").asText()))
          .as(bodies.get(r))
          .isEqualTo(expected.get(r).confidence());
    }
  }
}
