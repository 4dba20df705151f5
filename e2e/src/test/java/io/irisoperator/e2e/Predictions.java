package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.e2e.OnnxAnswers.Answer;
import io.irisoperator.model.Iris;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Predictions asked for by Service name from a pod of the cluster. */
record Predictions(Stack stack, String service) {
  private static final JsonMapper JSON = new JsonMapper();

  /** The answers' bodies, in the order of the rows. */
  List<String> ask(double[][] rows) throws Exception {
    String script =
        Arrays.stream(rows)
            .map(
                row ->
                    "wget -q -O- --header 'Content-Type: application/json' --post-data '%s' http://%s/predict; echo"
                        .formatted(TestRows.json(row), service))
            .collect(Collectors.joining("\n", "set -e\n", ""));
    return stack.shell(script).lines().toList();
  }

  /**
   * Asserts that each answer is ONNX Runtime's on this file, class and probability to the last bit.
   */
  void assertAnswersAs(byte[] onnx, int rows) throws Exception {
    double[][] asked = TestRows.first(rows);
    List<Answer> expected = OnnxAnswers.of(onnx, asked).answers();
    List<String> bodies = ask(asked);
    assertThat(bodies).hasSize(rows);
    for (int r = 0; r < rows; r++) {
      JsonNode answer = JSON.readTree(bodies.get(r));
      assertThat(answer.path("prediction").asText())
          .as(bodies.get(r))
          .isEqualTo(Iris.CLASSES.get(expected.get(r).label()));
      assertThat(Float.parseFloat(answer.path("confidence").asText()))
          .as(bodies.get(r))
          .isEqualTo(expected.get(r).confidence());
    }
  }
}
