package io.irisoperator.model;

import java.util.Arrays;
import java.util.List;

/**
 * A forest as a table of which leaves a value leaves possible.
 *
 * <p>A feature's thresholds cut its values into ranges. Within a range every split on the feature
 * goes the same way, so that of each tree a set of leaves remains, whatever the other features are.
 * These sets are kept as bits, for each range. Those of all features have exactly one leaf of each
 * tree in common: the one that a row comes to. So a row takes a search for each feature and then a
 * few words for each tree, one behind the other in memory, instead of a way through each tree that
 * waits for memory at every step.
 *
 * <p>A tree with more leaves than a word has bits takes several pieces; in all but one of them no
 * leaf remains.
 *
 * @param thresholds of each feature, in order
 * @param leaves of each feature: the words of the pieces in the first range, then in the next
 * @param pieces how many words a range has
 * @param weights of the leaves, class by class, {@link #SLOTS} leaves to a piece
 * @see <a href="https://doi.org/10.1145/2766462.2767733">QuickScorer, whose bits these are</a>
 */
@SuppressWarnings("ArrayRecordComponent") // Not a value: the arrays are nobody else's.
record LeafTable(float[][] thresholds, long[][] leaves, int pieces, float[] weights) {
  /** The leaves of a piece, and one without weights for a piece of which no leaf remains. */
  static final int SLOTS = Long.SIZE + 1;

  /** What is larger would not stay in a cache, and take long to make. */
  private static final long MAX_WORDS = 1 << 20;

  /** Trees are gone through by recursion. */
  private static final int MAX_DEPTH = 500;

  /** Makes a forest's table; empty where that would be too large, or sums are not of floats. */
  static LeafTable of(
      Precision precision, int featureCount, int classCount, List<List<Node>> trees) {
    float[][] thresholds = new float[featureCount][];
    for (int f = 0; f < featureCount; f++) {
      thresholds[f] = thresholds(trees, f);
    }
    long pieces = trees.stream().mapToLong(LeafTable::piecesOf).sum();
    long ranges = Arrays.stream(thresholds).mapToLong(t -> t.length + 1L).sum();
    boolean tooDeep = trees.stream().anyMatch(tree -> depth(tree) > MAX_DEPTH);
    if (precision != Precision.FLOAT32 || pieces * ranges > MAX_WORDS || tooDeep) {
      return new LeafTable(new float[0][], new long[0][], 0, new float[0]);
    }
    long[][] leaves = new long[featureCount][];
    for (int f = 0; f < featureCount; f++) {
      leaves[f] = new long[(int) pieces * (thresholds[f].length + 1)];
      Arrays.fill(leaves[f], -1);
    }
    LeafTable table =
        new LeafTable(
            thresholds, leaves, (int) pieces, new float[(int) pieces * SLOTS * classCount]);
    int piece = 0;
    for (List<Node> tree : trees) {
      table.add(tree, 0, piece, 0, classCount);
      piece += piecesOf(tree);
    }
    return table;
  }

  /** How many splits are above the farthest leaf. */
  private static int depth(List<Node> tree) {
    int[] depths = new int[tree.size()];
    int[] pending = new int[tree.size()];
    int top = 1;
    int deepest = 0;
    while (top > 0) {
      int at = pending[--top];
      deepest = Math.max(deepest, depths[at]);
      if (tree.get(at) instanceof Node.Split split) {
        for (int child : new int[] {split.left(), split.right()}) {
          depths[child] = depths[at] + 1;
          pending[top++] = child;
        }
      }
    }
    return deepest;
  }

  private static float[] thresholds(List<List<Node>> trees, int feature) {
    // Doubles, as there is no stream of floats; zeros of both signs are one threshold.
    double[] distinct =
        trees.stream()
            .flatMap(List::stream)
            .filter(node -> node instanceof Node.Split split && split.feature() == feature)
            .mapToDouble(node -> ((Node.Split) node).threshold() + 0.0)
            .sorted()
            .distinct()
            .toArray();
    float[] thresholds = new float[distinct.length];
    for (int i = 0; i < thresholds.length; i++) {
      thresholds[i] = (float) distinct[i];
    }
    return thresholds;
  }

  private static int piecesOf(List<Node> tree) {
    // A binary tree has one leaf more than splits.
    return Math.ceilDiv((tree.size() + 1) / 2, Long.SIZE);
  }

  /** Whether there is nothing in it, so that the trees have to be followed. */
  boolean isEmpty() {
    return pieces == 0;
  }

  /**
   * Adds what is below a node.
   *
   * @param piece the first of the tree's
   * @param first the number of the first leaf below the node, from the left
   * @return the number of leaves below the node
   */
  private int add(List<Node> tree, int at, int piece, int first, int classCount) {
    return switch (tree.get(at)) {
      case Node.Leaf(List<Float> of) -> {
        int slot = (piece + first / Long.SIZE) * SLOTS + first % Long.SIZE;
        for (int c = 0; c < classCount; c++) {
          weights[slot * classCount + c] = of.get(c);
        }
        yield 1;
      }
      case Node.Split(int feature, float threshold, boolean _, int left, int right) -> {
        int lefts = add(tree, left, piece, first, classCount);
        int rights = add(tree, right, piece, first + lefts, classCount);
        int range = rank(thresholds[feature], threshold);
        int ranges = thresholds[feature].length + 1;
        // Up to the threshold a value goes left, above it right.
        remove(feature, 0, range + 1, piece, first + lefts, first + lefts + rights);
        remove(feature, range + 1, ranges, piece, first, first + lefts);
        yield lefts + rights;
      }
    };
  }

  /** In ranges, none of these leaves remains. */
  private void remove(int feature, int fromRange, int toRange, int piece, int from, int to) {
    for (int word = from / Long.SIZE; word * Long.SIZE < to; word++) {
      int low = Math.max(from - word * Long.SIZE, 0);
      int high = Math.min(to - word * Long.SIZE, Long.SIZE);
      long removed = (-1L >>> (Long.SIZE - (high - low))) << low;
      for (int range = fromRange; range < toRange; range++) {
        leaves[feature][range * pieces + piece + word] &= ~removed;
      }
    }
  }

  /**
   * The range that a value is in: how many thresholds are below it.
   *
   * @param sorted no two alike
   * @param value not NaN
   */
  static int rank(float[] sorted, float value) {
    int rank = 0;
    int count = sorted.length;
    // Without a branch that could be mispredicted: the halves are taken by arithmetic.
    while (count > 1) {
      int half = count >>> 1;
      rank = sorted[rank + half - 1] < value ? rank + half : rank;
      count -= half;
    }
    return count == 1 && sorted[rank] < value ? rank + 1 : rank;
  }
}
