package io.irisoperator.trainer;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Setting;
import io.irisoperator.contract.TrainerEnv;
import io.irisoperator.contract.TrainingDefaults;
import io.irisoperator.mlflow.Credentials;
import io.irisoperator.trainer.forest.HyperParameters;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the trainer can be told, from the environment.
 *
 * @param trackingUri MLflow's address
 * @param credentials for an MLflow that asks for them
 * @param experiment the MLflow experiment to log to
 * @param artifactPath the model folder's name below the run
 * @param trainData a CSV or JSON file, or where to get one
 * @param trainDataDigest what the bytes of a file that is got from elsewhere must be
 * @param testData a CSV or JSON file
 * @param parameters what the forest is fitted with
 * @param irisModel namespace and name of the IrisModel that asked, for a tag
 * @param job the Job's name, for a tag
 * @param registration where to register the model
 * @param gitCommit what the image was built from, for a tag
 * @param terminationLog where Kubernetes reads the last word of a container
 */
public record TrainingConfig(
    URI trackingUri,
    Optional<Credentials> credentials,
    String experiment,
    String artifactPath,
    String trainData,
    Optional<String> trainDataDigest,
    Path testData,
    HyperParameters parameters,
    Optional<String> irisModel,
    Optional<String> job,
    Optional<Registration> registration,
    Optional<String> gitCommit,
    Path terminationLog) {

  private static final Setting TRACKING_URI =
      Setting.required(TrainerEnv.TRACKING_URI, "MLflow's address, http or https");
  private static final Setting EXPERIMENT =
      Setting.withDefault(
          TrainerEnv.EXPERIMENT, TrainingDefaults.EXPERIMENT, "the MLflow experiment to log to");
  private static final Setting ARTIFACT_PATH =
      Setting.withDefault(
          TrainerEnv.ARTIFACT_PATH,
          TrainingDefaults.ARTIFACT_PATH,
          "the model folder's name below the run");
  private static final Setting TRAIN_DATA =
      Setting.withDefault(
          TrainerEnv.TRAIN_DATA, "/data/iris_train.csv", "a CSV or JSON file, or its URL");
  private static final Setting TRAIN_DATA_DIGEST =
      Setting.optional(
          TrainerEnv.TRAIN_DATA_DIGEST,
          "the `sha256:…` of the file's bytes; required for a URL, which is read into /tmp");
  private static final Setting TEST_DATA =
      Setting.withDefault(TrainerEnv.TEST_DATA, "/data/iris_test.csv", "a CSV or JSON file");
  private static final Setting N_ESTIMATORS =
      parameter(TrainerEnv.N_ESTIMATORS, HyperParameters.DEFAULT.nEstimators(), "trees");
  private static final Setting MAX_DEPTH =
      parameter(
          TrainerEnv.MAX_DEPTH, HyperParameters.DEFAULT.maxDepth(), "splits from root to leaf");
  private static final Setting MIN_SAMPLES_SPLIT =
      parameter(
          TrainerEnv.MIN_SAMPLES_SPLIT,
          HyperParameters.DEFAULT.minSamplesSplit(),
          "rows that a node needs to be split");
  private static final Setting MIN_SAMPLES_LEAF =
      parameter(
          TrainerEnv.MIN_SAMPLES_LEAF,
          HyperParameters.DEFAULT.minSamplesLeaf(),
          "rows that a leaf needs");
  private static final Setting RANDOM_STATE =
      parameter(TrainerEnv.RANDOM_STATE, HyperParameters.DEFAULT.randomState(), "the seed");
  private static final Setting IRIS_MODEL =
      Setting.optional(
          TrainerEnv.IRIS_MODEL,
          "namespace and name of the IrisModel that asked, for a tag of the run");
  private static final Setting JOB =
      Setting.optional(TrainerEnv.JOB, "the Job's name, for a tag of the run");
  private static final Setting REGISTER_AS =
      Setting.optional(TrainerEnv.REGISTERED_MODEL, "the registered model that gets a new version");
  private static final Setting REGISTER_ALIAS =
      Setting.optional(TrainerEnv.REGISTERED_ALIAS, "an alias to move to that version");
  private static final Setting MINIMUM_ACCURACY =
      Setting.withDefault(
          TrainerEnv.MIN_ACCURACY, "0", "on the test rows; with less the alias is not moved");
  private static final Setting GIT_COMMIT =
      Setting.optional("GIT_COMMIT", "what the image was built from, for a tag of the run");
  private static final Setting TERMINATION_LOG =
      Setting.withDefault(
          "IRIS_TERMINATION_LOG",
          "/dev/termination-log",
          "where Kubernetes reads the last word of a container");

  /**
   * Where the model is registered.
   *
   * @param minimumAccuracy on the test rows; a worse model does not get the alias
   */
  public record Registration(String name, Optional<String> alias, double minimumAccuracy) {}

  /** Every one, for the documentation. */
  public static final List<Setting> SETTINGS =
      List.of(
          TRACKING_URI,
          Setting.MLFLOW_USERNAME,
          Setting.MLFLOW_PASSWORD,
          EXPERIMENT,
          ARTIFACT_PATH,
          TRAIN_DATA,
          TRAIN_DATA_DIGEST,
          TEST_DATA,
          N_ESTIMATORS,
          MAX_DEPTH,
          MIN_SAMPLES_SPLIT,
          MIN_SAMPLES_LEAF,
          RANDOM_STATE,
          IRIS_MODEL,
          JOB,
          REGISTER_AS,
          REGISTER_ALIAS,
          MINIMUM_ACCURACY,
          GIT_COMMIT,
          TERMINATION_LOG,
          Setting.LOG_FORMAT,
          Setting.LOG_LEVEL);

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong
   */
  public static TrainingConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    return new TrainingConfig(
        env.uri(TRACKING_URI),
        env.optional(Setting.MLFLOW_USERNAME)
            .map(name -> new Credentials(name, env.text(Setting.MLFLOW_PASSWORD))),
        env.text(EXPERIMENT),
        env.text(ARTIFACT_PATH),
        env.text(TRAIN_DATA),
        env.optional(TRAIN_DATA_DIGEST),
        Path.of(env.text(TEST_DATA)),
        new HyperParameters(
            env.integer(N_ESTIMATORS, 1),
            env.integer(MAX_DEPTH, 1),
            env.integer(MIN_SAMPLES_SPLIT, 2),
            env.integer(MIN_SAMPLES_LEAF, 1),
            env.integer(RANDOM_STATE, Integer.MIN_VALUE)),
        env.optional(IRIS_MODEL),
        env.optional(JOB),
        env.optional(REGISTER_AS)
            .map(
                name ->
                    new Registration(
                        name, env.optional(REGISTER_ALIAS), env.fraction(MINIMUM_ACCURACY))),
        env.optional(GIT_COMMIT),
        Path.of(env.text(TERMINATION_LOG)));
  }

  private static Setting parameter(String variable, long absent, String meaning) {
    return Setting.withDefault(variable, Long.toString(absent), meaning);
  }
}
