package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * A user runs the quickstart, which is killed three times and started again, and then runs it on
 * the existing cluster, as {@code e2e/start-stack} does.
 */
class QuickstartIT {
  private static final Path LOG = Path.of("target/quickstart.log");
  private static final Path CONTEXT_LOG = Path.of("target/quickstart-context.log");
  static final List<Path> LOGS = List.of(LOG, CONTEXT_LOG);
  private static final Duration SILENCE = Duration.ofSeconds(10);

  @Test
  void findsTheJdkOfJavaHomeOnAMachineWithoutAnother(@TempDir Path programs) throws Exception {
    for (String program : List.of("readlink", "sed")) {
      Files.createSymbolicLink(programs.resolve(program), Path.of("/usr/bin", program));
    }
    String jdk = System.getProperty("java.home");
    ProcessBuilder builder = new ProcessBuilder("/usr/bin/bash", Stack.ROOT + "/dev/find-jdk");
    builder.environment().put("PATH", programs.toString());
    builder.environment().put("JAVA_HOME", jdk);
    Process process = builder.start();
    assertThat(process.inputReader().readLine()).isEqualTo(jdk);
    assertThat(process.waitFor()).isZero();
  }

  @ParameterizedTest
  @FieldSource("LOGS")
  void showsAPredictionTheResourceAndTheAddresses(Path log) throws Exception {
    assertThat(Files.readString(log))
        .contains("POST http://iris.mlops/predict {\"sepal_length\":5.1")
        .contains("{\"prediction\":\"setosa\",\"confidence\":0.99999")
        .containsPattern("READY +RUN +ACCURACY +REPLICAS +URL +AGE")
        .containsPattern("iris +True +[0-9a-f]{32} +0.987 +2 +http://iris.mlops.svc")
        .containsPattern("ModelResolved +True +run ")
        .containsPattern("Normal +TrainingSucceeded +run [0-9a-f]{32}, test accuracy 0.987")
        .containsPattern("Normal +Serving +2 pods serve run ")
        .contains("{\"predicted_class\":\"setosa\"},\"value\":[")
        .contains("API and Swagger   http://127.0.0.1:18080/docs");
  }

  @Test
  void prometheusCountsTheOnePrediction() throws Exception {
    assertThat(Files.readString(LOG)).containsPattern("\"value\":\\[[0-9.]+,\"1\"\\]");
  }

  @Test
  void saysHowToReachAndRemoveWhatItInstalled() throws Exception {
    assertThat(Files.readString(LOG))
        .contains("kubectl, helm     export KUBECONFIG=")
        .containsPattern("Remove +./quickstart down\n");
    assertThat(Files.readString(CONTEXT_LOG))
        .containsPattern("Remove +./quickstart down --context iris\n");
  }

  /** The first word of each line of the log is the time at which it was printed, in seconds. */
  @ParameterizedTest
  @FieldSource("LOGS")
  void noStageIsSilentForMoreThanTenSeconds(Path log) throws Exception {
    List<String> lines = Files.readAllLines(log);
    for (int i = 1; i < lines.size(); i++) {
      assertThat(printed(lines.get(i)))
          .as("time between <%s> and <%s>", lines.get(i - 1), lines.get(i))
          .isBefore(printed(lines.get(i - 1)).plus(SILENCE));
    }
  }

  private static Instant printed(String line) {
    return Instant.ofEpochSecond(Long.parseLong(line.substring(0, line.indexOf(' '))));
  }

  @Test
  void thePrintedAddressesWork() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (URI uri : List.of(Stack.API.resolve("/docs"), MlflowServer.ADDRESS.resolve("/"))) {
        Waits.awaitHttpOk(uri);
        String page =
            http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(page).contains("<html");
      }
    }
  }
}
