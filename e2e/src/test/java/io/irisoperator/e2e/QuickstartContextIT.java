package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A user runs the quickstart on a cluster of kind, k3d or minikube. None of them can run here:
 * programs of their names record their arguments.
 */
class QuickstartContextIT {
  private static final String RECORD = "#!/bin/sh\necho \"${0##*/} $*\" >>\"$CALLS\"\n";

  @TempDir private Path folder;
  private Path programs;
  private Path calls;

  @BeforeEach
  void createStandIns() throws IOException {
    calls = Files.createFile(folder.resolve("calls"));
    programs = Files.createDirectory(folder.resolve("programs"));
    Path images = Files.createDirectories(folder.resolve("dev/images"));
    for (String script : List.of("quickstart", "dev/stages.sh", "dev/images/load-into-context")) {
      Files.copy(Stack.ROOT.resolve(script), folder.resolve(script));
    }
    script(folder.resolve("dev/install-tools"), RECORD);
    script(
        images.resolve("build-images"),
        RECORD + "[ \"$1\" = --folder ] && echo \"${CALLS%/*}/archives\" || echo built-tag");
    Path archives = Files.createDirectory(folder.resolve("archives"));
    for (String program : List.of("model-server", "operator")) {
      Files.createFile(archives.resolve(program + ".tar"));
    }
    script(
        programs.resolve("kubectl"),
        "#!/bin/sh\n[ \"$3\" != get ] || [ \"$4\" != nodes ] || echo \"$NODE\"");
    // The quickstart ends here.
    script(programs.resolve("helm"), RECORD + "[ \"$3\" != upgrade ] || [ \"$4\" = --help ]");
  }

  private static void script(Path file, String text) throws IOException {
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /**
   * Runs the quickstart until it installs the chart.
   *
   * @param node a node's label of minikube and its provider ID
   * @return what it printed
   */
  private String quickstart(String node, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(folder + "/quickstart", "--context", "mine"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PATH", programs + ":/usr/bin:/bin");
    builder.environment().put("IRIS_CACHE", folder.resolve("cache").toString());
    builder.environment().put("CALLS", calls.toString());
    builder.environment().put("NODE", node);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isNotZero();
    return output;
  }

  private List<String> calls() throws IOException {
    return Files.readString(calls).replace(folder.toString(), "…").lines().toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kind     | ' kind://docker/dev/dev-control-plane' | kind load image-archive …/archives/model-server.tar --name dev;kind load image-archive …/archives/operator.tar --name dev
          k3d      | ' k3s://k3d-dev-server-0'              | k3d image import …/archives/model-server.tar …/archives/operator.tar --cluster dev
          k3d      | ' k3s://k3d-my-server-agent-1'         | k3d image import …/archives/model-server.tar …/archives/operator.tar --cluster my-server
          minikube | 'dev '                                 | minikube image load …/archives/model-server.tar --profile dev;minikube image load …/archives/operator.tar --profile dev
          """)
  void theImagesAreBuiltAndLoadedWithTheToolOfTheCluster(String tool, String node, String loads)
      throws Exception {
    script(programs.resolve(tool), RECORD);
    assertThat(quickstart(node)).contains("==> Load the images with " + tool);
    assertThat(calls())
        .startsWith("install-tools --images", "build-images ", "build-images --folder")
        .containsSequence(loads.split(";"))
        .anyMatch(
            call ->
                call.startsWith("helm --kube-context mine upgrade --install iris")
                    && call.contains(
                        "operator.image.repository=docker.io/iris-operator/iris-operator,operator.image.tag=built-tag"));
  }

  @Test
  void theImagesOfARegistryAreNeitherBuiltNorLoaded() throws Exception {
    quickstart(" kind://docker/dev/dev-control-plane", "--registry", "registry.example.com/iris");
    assertThat(calls())
        .allMatch(call -> call.startsWith("helm "))
        .anyMatch(
            call ->
                call.contains("=registry.example.com/iris/iris-operator,operator.image.tag=0.1.0"));
  }

  @Test
  void anotherClusterNeedsARegistry() throws Exception {
    assertThat(quickstart(" gce://project/zone/node"))
        .contains("the cluster of context mine is not one of kind, k3d or minikube")
        .contains("gce://project/zone/node", "name that with --registry");
    assertThat(calls()).isEmpty();
  }

  @Test
  void aToolThatIsNotInstalledIsNamedBeforeAnythingIsBuilt() throws Exception {
    assertThat(quickstart(" kind://docker/dev/dev-control-plane"))
        .contains("context mine is a cluster of kind, which is not on the PATH: install it");
    assertThat(calls()).isEmpty();
  }
}
