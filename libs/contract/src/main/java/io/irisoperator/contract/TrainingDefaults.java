package io.irisoperator.contract;

/** Defaults and limits of a training, for the resource's schema and for the trainer. */
public final class TrainingDefaults {
  /** The MLflow experiment, if the resource names none. */
  public static final String EXPERIMENT = "iris_classification";

  /** The artifact path of a model in its run. */
  public static final String ARTIFACT_PATH = "iris-model";

  public static final int N_ESTIMATORS = 100;
  public static final int MAX_N_ESTIMATORS = 1000;
  public static final int MAX_DEPTH = 10;
  public static final int MAX_MAX_DEPTH = 30;
  public static final int MIN_SAMPLES_SPLIT = 2;
  public static final int MIN_SAMPLES_LEAF = 1;
  public static final int RANDOM_STATE = 42;

  private TrainingDefaults() {}
}
