package io.irisoperator.trainer.forest;

import io.irisoperator.contract.TrainingDefaults;

/**
 * What the forest is fitted with, by scikit-learn's names and meanings.
 *
 * @param nEstimators trees, 1 to 1,000
 * @param maxDepth splits from the root to the deepest leaf, 1 to 30
 * @param minSamplesSplit rows (drawn ones, counted as often as drawn) that a node needs to be
 *     split, from 2
 * @param minSamplesLeaf rows that a leaf needs, from 1
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

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be from %d to %d, it is %d".formatted(name, least, most, value));
    }
  }
}
