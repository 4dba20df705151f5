package io.irisoperator.model;

import java.util.List;

/**
 * A node of a decision tree. Children are positions in the tree's list of nodes; the root is at
 * position 0.
 */
public sealed interface Node {

  /**
   * Goes left if {@code row[feature] <= threshold}, else right.
   *
   * @param missingGoesLeft whether a NaN goes left; otherwise it goes right
   */
  record Split(int feature, float threshold, boolean missingGoesLeft, int left, int right)
      implements Node {}

  /**
   * Adds its weights to the scores of the classes.
   *
   * @param weights one per class, finite, not negative, not all zero
   */
  record Leaf(List<Float> weights) implements Node {
    public Leaf {
      weights = List.copyOf(weights);
    }
  }
}
