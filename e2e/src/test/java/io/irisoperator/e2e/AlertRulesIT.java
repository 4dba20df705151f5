package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The alerts of the operator and of the chart, tested with promtool. */
@Tag(Phase.EXCLUSIVE)
class AlertRulesIT {
  private static final Path TESTS = Path.of("src/test/resources/alerts");
  private static final Path TARGET = Path.of("target/alerts");
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Commands commands = new Commands();

  @BeforeAll
  static void writeRules() throws Exception {
    Files.createDirectories(TARGET);
    writeRules("prometheusrule.yaml", "model-rules.yaml");
    writeRules("prometheusrule-labels.yaml", "model-rules-labels.yaml");
    String chart =
        Files.readString(Stack.ROOT.resolve("helm/iris-stack/files/operator-rules.yaml"))
            .replace("RUNBOOKS", "https://example.com/runbooks")
            .replace("NAMESPACE", "mlops");
    Files.writeString(TARGET.resolve("operator-rules.yaml"), chart);
  }

  /** From a golden file: a test of the operator compares it with the generated rules. */
  private static void writeRules(String manifest, String rules) throws Exception {
    Path golden = Stack.ROOT.resolve("operator/src/test/resources/manifests").resolve(manifest);
    YAML.writeValue(TARGET.resolve(rules).toFile(), YAML.readTree(golden.toFile()).path("spec"));
  }

  private void promtool(String... arguments) throws Exception {
    commands.run(Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList());
  }

  @Test
  void everyAlertFiresWhenItShouldAndOnlyThen() throws Exception {
    promtool(
        "check", "rules", TARGET + "/model-rules-labels.yaml", TARGET + "/operator-rules.yaml");
    // With two pending periods each alert exists twice; an IrisModel has one of them.
    promtool("check", "rules", "--lint=none", TARGET + "/model-rules.yaml");
    for (String test :
        List.of(
            "model.test.yaml",
            "model-joins.test.yaml",
            "model-labels.test.yaml",
            "model-months.test.yaml",
            "model-weeks.test.yaml",
            "operator.test.yaml")) {
      Files.writeString(TARGET.resolve(test), Files.readString(TESTS.resolve(test)));
      promtool("test", "rules", TARGET.resolve(test).toString());
    }
  }

  @Test
  void everyAlertHasTestsAnnotationsAndARunbook() throws Exception {
    Set<String> alerts = new TreeSet<>();
    for (String rules : List.of("model-rules.yaml", "operator-rules.yaml")) {
      JsonNode tree = YAML.readTree(TARGET.resolve(rules).toFile());
      alerts.addAll(tree.findValuesAsText("alert"));
      for (JsonNode annotations : tree.findValues("annotations")) {
        assertThat(annotations.fieldNames())
            .toIterable()
            .contains("summary", "description", "runbook_url");
      }
    }
    assertThat(alerts).hasSizeGreaterThanOrEqualTo(13);
    for (String alert : alerts) {
      assertThat(Stack.ROOT.resolve("docs/runbooks/" + alert + ".md")).exists();
    }
    assertThat(alertsWithTests("exp_alerts: \\[\\]")).isEqualTo(alerts);
    assertThat(alertsWithTests("exp_alerts:(?! \\[\\])")).isEqualTo(alerts);
  }

  /** The alerts that tests name with this expectation, on the same line or on the next one. */
  private static Set<String> alertsWithTests(String expectation) throws Exception {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(TESTS)) {
      for (Path file : files.toList()) {
        Pattern.compile("alertname: (\\w+)(?:, |\\s+)" + expectation)
            .matcher(Files.readString(file))
            .results()
            .map((MatchResult m) -> m.group(1))
            .forEach(names::add);
      }
    }
    return names;
  }
}
