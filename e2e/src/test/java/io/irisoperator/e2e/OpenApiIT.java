package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.mlflow.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The model server behaves as its OpenAPI document says, and the pages that show it work. */
@Tag("node")
@ExtendWith(StackExtension.class)
class OpenApiIT {
  private static final String NAME = "openapi";
  private static final int EXAMPLES = Stack.FULL ? 300 : 20;

  private static Run run;
  private static String url;

  private final Stack stack;

  OpenApiIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void serve(Stack stack) throws Exception {
    run = stack.mlflow.trainedRun();
    stack.irisModels.apply(NAME, "{model: {runId: " + run.runId() + "}}");
    stack.irisModels.awaitReady(NAME, run.runId());
    url = "http://" + stack.irisModels.clusterIp(NAME);
  }

  @AfterAll
  static void delete(Stack stack) {
    stack.irisModels.delete(NAME);
  }

  /** Schemathesis sends valid and invalid requests and checks the responses. */
  @Test
  void theApiBehavesAsItsOpenApiDocumentSays() throws Exception {
    String report =
        stack.commands.run(
            Map.of("IRIS_MODEL", NAME, "IRIS_MODEL_VERSION", run.runId()),
            List.of(
                stack.commands.venv("schemathesis") + "/bin/schemathesis",
                "--config-file",
                Stack.ROOT + "/e2e/python/schemathesis.toml",
                "run",
                url + "/openapi.json",
                "--checks",
                "all",
                "--max-examples",
                Integer.toString(EXAMPLES),
                "--no-color"));
    // It only warns, and exits with 0, if all requests of an operation were rejected.
    assertThat(report).contains("No issues found").doesNotContain("Warnings:");
  }

  @Test
  void theDocumentationPagesWorkInABrowserWithoutInternetAccess() throws Exception {
    JsonNode report =
        new JsonMapper().readTree(stack.commands.python("browser", "browser.py", url));
    assertThat(report.path("status").asText()).isEqualTo("200");
    assertThat(report.path("body").path("prediction").asText()).isEqualTo("setosa");
    assertThat(report.path("operations").asInt()).isEqualTo(21);
    assertThat(report.path("elsewhere")).isEmpty();
    // Redoc's logo, which the page's content security policy blocks.
    assertThat(report.path("complaints"))
        .allSatisfy(complaint -> assertThat(complaint.asText()).contains("cdn.redoc.ly"));
  }
}
