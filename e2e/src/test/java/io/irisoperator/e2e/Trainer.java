package io.irisoperator.e2e;

import io.irisoperator.contract.TrainerEnv;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the trainer on this machine, as its image does. */
record Trainer(URI trackingUri) {

  /**
   * The result of the process.
   *
   * @param terminationMessage what Kubernetes would show as the container's termination message
   */
  record Result(int exitCode, String terminationMessage) {
    String runId() {
      return terminationMessage.replaceAll(".*\"runId\":\"([0-9a-f]+)\".*", "$1");
    }
  }

  /** Trains on the checked-in data with this seed. */
  Result train(String experiment, int seed) throws Exception {
    return train(
        TestData.TRAIN_FILE, experiment, Map.of(TrainerEnv.RANDOM_STATE, Integer.toString(seed)));
  }

  Result train(Path data, String experiment) throws Exception {
    return train(data, experiment, Map.of());
  }

  private Result train(Path data, String experiment, Map<String, String> environment)
      throws Exception {
    Path terminationMessage = Files.createTempFile("trainer", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    // As in the image.
                    "-Djdk.httpclient.keepalive.timeout=3",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "io.irisoperator.trainer.Main"))
            .redirectErrorStream(true)
            .redirectOutput(Files.createTempFile("trainer", ".out").toFile());
    builder.environment().putAll(environment);
    builder.environment().put(TrainerEnv.TRACKING_URI, trackingUri.toString());
    builder.environment().put(TrainerEnv.EXPERIMENT, experiment);
    builder.environment().put(TrainerEnv.TRAIN_DATA, data.toString());
    builder.environment().put(TrainerEnv.TEST_DATA, TestData.TEST_FILE.toString());
    builder.environment().put("IRIS_TERMINATION_LOG", terminationMessage.toString());
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("the trainer did not finish within two minutes");
    }
    return new Result(process.exitValue(), Files.readString(terminationMessage));
  }
}
