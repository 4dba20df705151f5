package io.irisoperator.trainer;

import io.irisoperator.trainer.forest.HyperParameters;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the trainer can be told, from the environment.
 *
 * @param trackingUri {@code MLFLOW_TRACKING_URI}
 * @param experiment {@code MLFLOW_EXPERIMENT_NAME}
 * @param artifactPath {@code IRIS_ARTIFACT_PATH}: the model folder's name below the run
 * @param trainData {@code IRIS_TRAIN_DATA}: a CSV or JSON file
 * @param testData {@code IRIS_TEST_DATA}
 * @param parameters {@code IRIS_N_ESTIMATORS}, {@code IRIS_MAX_DEPTH}, {@code
 *     IRIS_MIN_SAMPLES_SPLIT}, {@code IRIS_MIN_SAMPLES_LEAF}, {@code IRIS_RANDOM_STATE}
 * @param irisModel {@code IRIS_MODEL}: namespace and name of the IrisModel that asked, for a tag
 * @param job {@code IRIS_JOB}: the Job's name, for a tag
 * @param gitCommit {@code GIT_COMMIT}: what the image was built from, for a tag
 * @param terminationLog {@code IRIS_TERMINATION_LOG}: where Kubernetes reads the last word of a
 *     container
 */
public record TrainingConfig(
    URI trackingUri,
    String experiment,
    String artifactPath,
    Path trainData,
    Path testData,
    HyperParameters parameters,
    Optional<String> irisModel,
    Optional<String> job,
    Optional<String> gitCommit,
    Path terminationLog) {

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong
   */
  public static TrainingConfig from(Map<String, String> environment) {
    Environment env = new Environment(environment);
    HyperParameters defaults = HyperParameters.DEFAULT;
    return new TrainingConfig(
        env.uri("MLFLOW_TRACKING_URI"),
        env.text("MLFLOW_EXPERIMENT_NAME", "iris_classification"),
        env.text("IRIS_ARTIFACT_PATH", "iris-model"),
        Path.of(env.text("IRIS_TRAIN_DATA", "/data/iris_train.csv")),
        Path.of(env.text("IRIS_TEST_DATA", "/data/iris_test.csv")),
        new HyperParameters(
            env.whole("IRIS_N_ESTIMATORS", defaults.nEstimators()),
            env.whole("IRIS_MAX_DEPTH", defaults.maxDepth()),
            env.whole("IRIS_MIN_SAMPLES_SPLIT", defaults.minSamplesSplit()),
            env.whole("IRIS_MIN_SAMPLES_LEAF", defaults.minSamplesLeaf()),
            env.whole("IRIS_RANDOM_STATE", Math.toIntExact(defaults.randomState()))),
        env.optional("IRIS_MODEL"),
        env.optional("IRIS_JOB"),
        env.optional("GIT_COMMIT"),
        Path.of(env.text("IRIS_TERMINATION_LOG", "/dev/termination-log")));
  }

  /** Variables; one that is empty counts as absent. */
  private record Environment(Map<String, String> variables) {
    Optional<String> optional(String name) {
      return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    String text(String name, String absent) {
      return optional(name).orElse(absent);
    }

    URI uri(String name) {
      String text =
          optional(name).orElseThrow(() -> new IllegalArgumentException(name + " is not set"));
      if (!text.matches("https?://.+")) {
        throw new IllegalArgumentException(name + " must be an http or https URL, it is " + text);
      }
      return URI.create(text);
    }

    int whole(String name, int absent) {
      String text = text(name, Integer.toString(absent));
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(name + " must be a whole number, it is " + text, e);
      }
    }
  }
}
