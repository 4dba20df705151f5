package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.mlflow.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody goes by the API's description, and by the pages that show it. */
class DescriptionIT {
  private static final String NAME = "described";
  private static final int EXAMPLES = Stack.FULL ? 300 : 20;

  private static Stack stack;
  private static Run run;
  private static String url;

  @BeforeAll
  static void serve() throws Exception {
    stack = new Stack();
    run = stack.trainedRun();
    stack.apply(NAME, "{model: {runId: " + run.runId() + "}}");
    stack.awaitReady(NAME, run.runId());
    url =
        "http://"
            + stack
                .client
                .services()
                .inNamespace(NAMESPACE)
                .withName(NAME)
                .get()
                .getSpec()
                .getClusterIP();
  }

  @AfterAll
  static void disconnect() {
    stack.delete(NAME);
    stack.close();
  }

  /** Schemathesis sends what the description allows and what it does not, and looks at answers. */
  @Test
  void theApiDoesWhatItsDescriptionSays() throws Exception {
    String said =
        stack.run(
            Map.of("IRIS_MODEL", NAME, "IRIS_MODEL_VERSION", run.runId()),
            List.of(
                stack.environment("schemathesis") + "/bin/schemathesis",
                "--config-file",
                Stack.ROOT + "/e2e/python/schemathesis.toml",
                "run",
                url + "/openapi.json",
                "--checks",
                "all",
                "--max-examples",
                Integer.toString(EXAMPLES),
                "--no-color"));
    // It warns where nothing but refusals came back, and ends well all the same.
    assertThat(said).contains("No issues found").doesNotContain("Warnings:");
  }

  @Test
  void thePagesWorkInABrowserThatReachesNothingElse() throws Exception {
    JsonNode told = new JsonMapper().readTree(stack.python("browser", "browser.py", url));
    assertThat(told.path("status").asText()).isEqualTo("200");
    assertThat(told.path("body").path("prediction").asText()).isEqualTo("setosa");
    assertThat(told.path("operations").asInt()).isEqualTo(21);
    assertThat(told.path("elsewhere")).isEmpty();
    // Its maker's logo, which the page's policy keeps it from loading.
    assertThat(told.path("complaints"))
        .allSatisfy(complaint -> assertThat(complaint.asText()).contains("cdn.redoc.ly"));
  }
}
