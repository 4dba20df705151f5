package io.irisoperator.trainer.forest;

import io.irisoperator.contract.TrainingDefaults;

/**
 * The forest's hyperparameters, with scikit-learn's names and meanings.
 *
 * @param nEstimators number of trees, 1 to 1,000
 * @param maxDepth maximum number of splits from the root to a leaf, 1 to 30
 * @param minSamplesSplit minimum number of rows (counted as often as drawn) in a node that is
 *     split, from 2
 * @param minSamplesLeaf minimum number of rows in a leaf, from 1
 * @param randomState the seed
 */
public record HyperParameters(
    int nEstimators, int maxDepth, int minSamplesSplit, int minSamplesLeaf, long randomState) {
  public static final HyperParameters DEFAULT =
      new HyperParameters(
          TrainingDefaults.N_ESTIMATORS,
          TrainingDefaults.MAX_DEPTH,
          TrainingDefaults.MIN_SAMPLES_SPLIT,
          TrainingDefaults.MIN_SAMPLES_LEAF,
          TrainingDefaults.RANDOM_STATE);

  public HyperParameters {
    require("n_estimators", nEstimators, 1, TrainingDefaults.MAX_N_ESTIMATORS);
    require("max_depth", maxDepth, 1, TrainingDefaults.MAX_MAX_DEPTH);
    require("min_samples_split", minSamplesSplit, 2, Integer.MAX_VALUE);
    require("min_samples_leaf", minSamplesLeaf, 1, Integer.MAX_VALUE);
  }

  private static void require(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s must be from %d to %d, not %d".formatted(name, min, max, value));
    }
  }
}
