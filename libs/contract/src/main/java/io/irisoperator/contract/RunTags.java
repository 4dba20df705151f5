package io.irisoperator.contract;

/** The tags that the trainer sets on an MLflow run. */
public final class RunTags {
  /** The prefix of all tags of this project. */
  private static final String PREFIX = "iris-operator.io/";

  /** The digest of a model folder; the artifact path follows. */
  public static final String DIGEST = PREFIX + "digest/";

  /** The number of trees built so far, such as {@code 57/100}. */
  public static final String TREES_BUILT = PREFIX + "trees-built";

  /** Namespace and name of the IrisModel that requested the training. */
  public static final String IRIS_MODEL = PREFIX + "model";

  /** The name of the Job. */
  public static final String JOB = PREFIX + "job";

  /** Why the training failed. */
  public static final String FAILURE = PREFIX + "failure";

  /** The digest of the training data. */
  public static final String TRAIN_DATA_DIGEST = PREFIX + "train-data-digest";

  /** The digest of the test data. */
  public static final String TEST_DATA_DIGEST = PREFIX + "test-data-digest";

  private RunTags() {}
}
