package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A user logs a classifier of any kind as ONNX, and it is served. */
@Tag("node")
@ExtendWith(StackExtension.class)
@Order(1)
class ModelKindsIT {
  /** As many as the node runs beside other tests. */
  private static final int AT_A_TIME = 15;

  private static final JsonMapper JSON = new JsonMapper();

  private final Stack stack;

  ModelKindsIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void everyKindAnswersLikeOnnxRuntimeInEachProtocol() throws Exception {
    JsonNode runs =
        JSON.readTree(
            stack
                .commands
                .python("client", "log_kinds.py", "e2e_kinds", TestData.TRAIN_FILE.toString())
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow());
    List<Map.Entry<String, JsonNode>> kinds = new ArrayList<>(runs.properties());
    assertThat(kinds).hasSizeGreaterThan(25);
    for (int from = 0; from < kinds.size(); from += AT_A_TIME) {
      assertServed(kinds.subList(from, Math.min(from + AT_A_TIME, kinds.size())));
    }
  }

  private void assertServed(List<Map.Entry<String, JsonNode>> kinds) throws Exception {
    List<Map<String, String>> served = new ArrayList<>();
    for (Map.Entry<String, JsonNode> kind : kinds) {
      stack.irisModels.apply(
          name(kind),
          """
          {model: {runId: %s}, monitoring: {serviceMonitor: false, prometheusRule: false, dashboard: false},
           serving: {resources: {requests: {cpu: 10m}}}}
          """
              .formatted(kind.getValue().asText()));
    }
    for (Map.Entry<String, JsonNode> kind : kinds) {
      stack.irisModels.awaitReady(name(kind), kind.getValue().asText(), Duration.ofMinutes(3));
      served.add(
          Map.of(
              "name", name(kind),
              "run", kind.getValue().asText(),
              "url", "http://" + stack.irisModels.clusterIp(name(kind))));
    }
    Path list = Files.createTempFile("served", ".json");
    JSON.writeValue(list.toFile(), served);
    assertThat(
            stack.commands.python(
                "client", "compare_kinds.py", TestData.TEST_FILE.toString(), list.toString()))
        .isBlank();
    kinds.forEach(kind -> stack.irisModels.delete(name(kind)));
  }

  private static String name(Map.Entry<String, JsonNode> kind) {
    return "kind-" + kind.getKey();
  }
}
