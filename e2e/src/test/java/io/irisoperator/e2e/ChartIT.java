package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.contract.TrainingDefaults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A user installs the chart with various values, upgrades it and uninstalls it. */
@ExtendWith(StackExtension.class)
class ChartIT {
  private final Stack stack;

  ChartIT(Stack stack) {
    this.stack = stack;
  }

  private String helm(List<String> values, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("helm"));
    command.addAll(List.of(arguments));
    values.forEach(value -> command.addAll(List.of("--set", value)));
    return stack.commands.run(command);
  }

  @Test
  void theApiServerAcceptsAllManifests() throws Exception {
    for (List<String> values : List.of(List.<String>of(), ChartValuesIT.ALL_ENABLED)) {
      Path manifests = Files.createTempFile("chart", ".yaml");
      Files.writeString(
          manifests,
          helm(values, ChartValuesIT.TEMPLATE)
              // The watched namespaces do not exist.
              .replaceAll("namespace: \"?team-[ab]\"?", "namespace: mlops"));
      String applied =
          stack.commands.run(
              "kubectl",
              "apply",
              "--dry-run=server",
              "--server-side",
              "--force-conflicts",
              "-f",
              manifests.toString());
      assertThat(applied)
          .contains("deployment.apps/grafana", "prometheus.monitoring.coreos.com/iris");
      assertThat(applied.contains("cronjob.batch/mlflow-backup")).isEqualTo(!values.isEmpty());
    }
  }

  @Test
  void theCommandsInTheNotesWorkAsPrinted() throws Exception {
    String notes = helm(List.of(), "get", "notes", "iris", "-n", "mlops");
    String script =
        notes
            .lines()
            .filter(line -> line.startsWith("  ") && !line.contains("port-forward"))
            .map(line -> line.substring(2))
            .collect(Collectors.joining("\n"))
            // The quickstart's IrisModel stays unchanged.
            .replace("{name: iris}", "{name: from-notes}")
            .replace("irismodel/iris", "irismodel/from-notes")
            .replace("services/iris:", "services/from-notes:")
            .replace(TrainingDefaults.EXPERIMENT, "e2e_from_notes");
    assertThat(script).contains("kubectl -n mlops apply", "kubectl -n mlops wait", "/predict");
    assertThat(stack.commands.run("bash", "-euo", "pipefail", "-c", script))
        .contains("irismodel.iris-operator.io/from-notes condition met")
        .contains("\"prediction\":\"setosa\"");
    stack.irisModels.delete("from-notes");
  }

  @Test
  void helmTestRequestsAPrediction() throws Exception {
    // The pod succeeds only if the prediction is correct.
    assertThat(stack.commands.run("helm", "test", "iris", "-n", "mlops"))
        .contains("TEST SUITE:     helm-test-question")
        .contains("Phase:          Succeeded")
        .doesNotContain("Phase:          Failed");
  }

  @Test
  void upgradingRollingBackAndUninstallingRestartNoModel() throws Exception {
    Release release = Release.create(stack, "upgraded");
    try {
      release.upgradeTo(previousChart(), Release.STACK_MLFLOW);
      release.serve(
          "kept", "{model: {latest: {experiment: %s}}}".formatted(TrainingDefaults.EXPERIMENT));
      List<String> pods = release.irisModels().podUids("kept");
      assertThat(pods).hasSize(1);

      release.upgradeTo(Release.CHART, Release.STACK_MLFLOW);
      release.irisModels().awaitReady("kept");
      assertThat(release.irisModels().podUids("kept")).isEqualTo(pods);

      release.helm("rollback", "upgraded", "1", "--wait");
      release.irisModels().awaitReady("kept");
      assertThat(release.irisModels().podUids("kept")).isEqualTo(pods);

      release.helm("uninstall", "upgraded", "--wait");
      assertThat(release.irisModels().exists("kept")).isTrue();
      assertThat(release.irisModels().podUids("kept")).isEqualTo(pods);
      new PredictionClient(stack, "kept.upgraded").predict(TestData.rows(1));
    } finally {
      release.uninstall();
    }
  }

  @Test
  @Tag("node")
  void upgradingTheImagesRestartsNoModel() throws Exception {
    Release release = Release.create(stack, "retagged");
    try {
      release.upgradeTo(Release.CHART, Release.STACK_MLFLOW);
      release.serve(
          "iris", "{model: {latest: {experiment: %s}}}".formatted(TrainingDefaults.EXPERIMENT));
      List<String> before = release.irisModels().podUids("iris");
      assertThat(before).hasSize(1);
      List<String> command =
          new ArrayList<>(
              List.of("upgrade", "retagged", Release.CHART.toString(), "--reuse-values", "--wait"));
      for (String section : List.of("operator", "modelServer", "trainer")) {
        String tag = release.retag(section, "next");
        command.addAll(List.of("--set-string", section + ".image.tag=" + tag));
      }
      release.helm(command.toArray(String[]::new));
      // A second pod shows that the new operator has reconciled the IrisModel.
      release.kubectl(
          "patch",
          "irismodel",
          "iris",
          "--type=merge",
          "-p",
          "{\"spec\":{\"serving\":{\"replicas\":2}}}");
      await().until(() -> release.irisModels().podUids("iris").size() == 2);
      release.irisModels().awaitReady("iris");
      assertThat(release.irisModels().podUids("iris")).containsAll(before);
    } finally {
      release.uninstall();
    }
  }

  /** The chart before its last change, from the Git history. */
  private Path previousChart() throws Exception {
    List<String> commits =
        stack
            .commands
            .run(
                "git",
                "-C",
                Stack.ROOT.toString(),
                "log",
                "-n",
                "2",
                "--format=%H",
                "--",
                "helm",
                "crds")
            .lines()
            .toList();
    if (commits.size() < 2) {
      // A shallow clone has no history, so the release is upgraded to the same chart.
      return Release.CHART;
    }
    Path folder = Files.createTempDirectory("previous-chart");
    stack.commands.run(
        "sh",
        "-c",
        "git -C %s archive %s helm crds | tar x -C %s"
            .formatted(Stack.ROOT, commits.getLast(), folder));
    return folder.resolve("helm/iris-stack");
  }
}
