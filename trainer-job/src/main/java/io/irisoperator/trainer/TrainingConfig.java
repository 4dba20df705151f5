package io.irisoperator.trainer;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Proxies;
import io.irisoperator.config.Setting;
import io.irisoperator.contract.TrainerEnv;
import io.irisoperator.contract.TrainingDefaults;
import io.irisoperator.mlflow.MlflowAccess;
import io.irisoperator.trainer.forest.HyperParameters;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The trainer's settings, from the environment.
 *
 * @param trackingUri MLflow's address
 * @param access what MLflow is reached with
 * @param proxies that lead to MLflow and to the training data
 * @param experiment the MLflow experiment to log to
 * @param artifactPath the artifact path of the model in the run
 * @param trainData the training data: the path or the URL of a CSV or JSON file
 * @param trainDataDigest {@code sha256:…} that the training data must have; required for a URL
 * @param testData the test data: the path of a CSV or JSON file
 * @param parameters the forest's hyperparameters
 * @param irisModel namespace and name of the IrisModel that requested the training, for a tag
 * @param job the Job's name, for a tag
 * @param registration the registered model that gets a new version
 * @param gitCommit the commit that the image was built from, for a tag
 * @param terminationLog the file that Kubernetes reads the termination message from
 */
public record TrainingConfig(
    URI trackingUri,
    MlflowAccess access,
    Proxies proxies,
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
          "the artifact path of the model in the run");
  private static final Setting TRAIN_DATA =
      Setting.withDefault(
          TrainerEnv.TRAIN_DATA,
          "/data/iris_train.csv",
          "the training data: the path or the URL of a CSV or JSON file");
  private static final Setting TRAIN_DATA_DIGEST =
      Setting.optional(
          TrainerEnv.TRAIN_DATA_DIGEST,
          "the digest of the training data, `sha256:…`; required for a URL, which is downloaded to /tmp");
  private static final Setting TEST_DATA =
      Setting.withDefault(
          TrainerEnv.TEST_DATA,
          "/data/iris_test.csv",
          "the test data: the path of a CSV or JSON file");
  private static final Setting N_ESTIMATORS =
      parameter(
          TrainerEnv.N_ESTIMATORS,
          HyperParameters.DEFAULT.nEstimators(),
          "the number of trees, 1 to " + TrainingDefaults.MAX_N_ESTIMATORS);
  private static final Setting MAX_DEPTH =
      parameter(
          TrainerEnv.MAX_DEPTH,
          HyperParameters.DEFAULT.maxDepth(),
          "the maximum depth of a tree, 1 to " + TrainingDefaults.MAX_MAX_DEPTH);
  private static final Setting MIN_SAMPLES_SPLIT =
      parameter(
          TrainerEnv.MIN_SAMPLES_SPLIT,
          HyperParameters.DEFAULT.minSamplesSplit(),
          "the minimum number of rows that a node needs to be split");
  private static final Setting MIN_SAMPLES_LEAF =
      parameter(
          TrainerEnv.MIN_SAMPLES_LEAF,
          HyperParameters.DEFAULT.minSamplesLeaf(),
          "the minimum number of rows in a leaf");
  private static final Setting RANDOM_STATE =
      parameter(TrainerEnv.RANDOM_STATE, HyperParameters.DEFAULT.randomState(), "the seed");
  private static final Setting IRIS_MODEL =
      Setting.optional(
          TrainerEnv.IRIS_MODEL,
          "namespace and name of the IrisModel that requested the training, for a tag of the run");
  private static final Setting JOB =
      Setting.optional(TrainerEnv.JOB, "the name of the Job, for a tag of the run");
  private static final Setting REGISTERED_MODEL =
      Setting.optional(TrainerEnv.REGISTERED_MODEL, "the registered model that gets a new version");
  private static final Setting REGISTERED_ALIAS =
      Setting.optional(TrainerEnv.REGISTERED_ALIAS, "the alias to move to that version");
  private static final Setting MIN_ACCURACY =
      Setting.withDefault(
          TrainerEnv.MIN_ACCURACY,
          "0",
          "the minimum accuracy on the test data for moving the alias, from 0 to 1");
  private static final Setting GIT_COMMIT =
      Setting.optional(
          "GIT_COMMIT", "the commit that the image was built from, for a tag of the run");
  private static final Setting TERMINATION_LOG =
      Setting.withDefault(
          "IRIS_TERMINATION_LOG",
          "/dev/termination-log",
          "the file that Kubernetes reads the termination message from");

  /**
   * The registration of the model.
   *
   * @param name the registered model
   * @param alias the alias to move to the new version
   * @param minAccuracy the minimum accuracy on the test data for moving the alias, from 0 to 1
   */
  public record Registration(String name, Optional<String> alias, double minAccuracy) {}

  /** All settings, for the documentation. */
  public static final List<Setting> SETTINGS =
      Setting.concat(
          List.of(
              List.of(TRACKING_URI),
              MlflowAccess.SETTINGS,
              Proxies.SETTINGS,
              List.of(
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
                  REGISTERED_MODEL,
                  REGISTERED_ALIAS,
                  MIN_ACCURACY,
                  GIT_COMMIT,
                  TERMINATION_LOG,
                  Setting.LOG_FORMAT,
                  Setting.LOG_LEVEL)));

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or invalid
   */
  public static TrainingConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    return new TrainingConfig(
        env.uri(TRACKING_URI),
        MlflowAccess.from(env),
        Proxies.of(env),
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
        env.optional(REGISTERED_MODEL)
            .map(
                name ->
                    new Registration(
                        name, env.optional(REGISTERED_ALIAS), env.fraction(MIN_ACCURACY))),
        env.optional(GIT_COMMIT),
        Path.of(env.text(TERMINATION_LOG)));
  }

  private static Setting parameter(String variable, long defaultValue, String description) {
    return Setting.withDefault(variable, Long.toString(defaultValue), description);
  }
}
