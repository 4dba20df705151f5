package io.irisoperator.contract;

/** The environment variables that the operator sets in a trainer's pod. */
public final class TrainerEnv {
  /** MLflow's address. */
  public static final String TRACKING_URI = "MLFLOW_TRACKING_URI";

  /** The MLflow experiment to log to. */
  public static final String EXPERIMENT = "MLFLOW_EXPERIMENT_NAME";

  /** The artifact path of the model in the run. */
  public static final String ARTIFACT_PATH = "IRIS_ARTIFACT_PATH";

  /** The training data: a file's path or its URL. */
  public static final String TRAIN_DATA = "IRIS_TRAIN_DATA";

  /** The digest of the training data, {@code sha256:…}. */
  public static final String TRAIN_DATA_DIGEST = "IRIS_TRAIN_DATA_DIGEST";

  /** The test data: a file's path. */
  public static final String TEST_DATA = "IRIS_TEST_DATA";

  /** The number of trees. */
  public static final String N_ESTIMATORS = "IRIS_N_ESTIMATORS";

  /** The maximum depth of a tree. */
  public static final String MAX_DEPTH = "IRIS_MAX_DEPTH";

  /** The minimum number of rows that a node needs to be split. */
  public static final String MIN_SAMPLES_SPLIT = "IRIS_MIN_SAMPLES_SPLIT";

  /** The minimum number of rows in a leaf. */
  public static final String MIN_SAMPLES_LEAF = "IRIS_MIN_SAMPLES_LEAF";

  /** The seed. */
  public static final String RANDOM_STATE = "IRIS_RANDOM_STATE";

  /** Namespace and name of the IrisModel. */
  public static final String IRIS_MODEL = "IRIS_MODEL";

  /** The name of the Job. */
  public static final String JOB = "IRIS_JOB";

  /** The registered model that gets a new version. */
  public static final String REGISTERED_MODEL = "IRIS_REGISTERED_MODEL";

  /** The alias to move to the new version. */
  public static final String REGISTERED_ALIAS = "IRIS_REGISTERED_ALIAS";

  /** The minimum accuracy on the test data for moving the alias, from 0 to 1. */
  public static final String MIN_ACCURACY = "IRIS_MIN_ACCURACY";

  private TrainerEnv() {}
}
