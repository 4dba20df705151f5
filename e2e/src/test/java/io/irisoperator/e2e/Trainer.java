package io.irisoperator.e2e;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The training program on this machine, as its image runs it. */
record Trainer(URI trackingUri) {

  /**
   * How it ended.
   *
   * @param lastWord what Kubernetes would show as the termination message
   */
  record Ended(int exitCode, String lastWord) {
    String runId() {
      return lastWord.replaceAll(".*\"runId\":\"([0-9a-f]+)\".*", "$1");
    }
  }

  /** On the checked-in data, with a seed of one's own. */
  Ended train(String experiment, int seed) throws Exception {
    return train(TestRows.TRAIN, experiment, Map.of("IRIS_RANDOM_STATE", Integer.toString(seed)));
  }

  Ended train(Path data, String experiment) throws Exception {
    return train(data, experiment, Map.of());
  }

  private Ended train(Path data, String experiment, Map<String, String> more) throws Exception {
    Path lastWord = Files.createTempFile("trainer", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.irisoperator.trainer.Main"))
            .redirectErrorStream(true)
            .redirectOutput(Files.createTempFile("trainer", ".out").toFile());
    builder.environment().putAll(more);
    builder.environment().put("MLFLOW_TRACKING_URI", trackingUri.toString());
    builder.environment().put("MLFLOW_EXPERIMENT_NAME", experiment);
    builder.environment().put("IRIS_TRAIN_DATA", data.toString());
    builder.environment().put("IRIS_TEST_DATA", TestRows.TEST.toString());
    builder.environment().put("IRIS_TERMINATION_LOG", lastWord.toString());
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("the trainer did not end");
    }
    return new Ended(process.exitValue(), Files.readString(lastWord));
  }
}
