package io.irisoperator.model;

import java.util.Arrays;
import java.util.List;

/**
 * A forest as a table: for each value of a feature the leaves that are still possible.
 *
 * <p>The thresholds of a feature divide its values into ranges. Within a range every split on the
 * feature goes the same way, so that a set of each tree's leaves remains, whatever the other
 * features are. The table has these sets as bits, for each range. The sets of all features have
 * exactly one leaf of each tree in common: the leaf of the row. So a row takes one search per
 * feature and then a few consecutive words per tree, instead of a path through each tree that waits
 * for memory at every step.
 *
 * <p>A tree with more leaves than a word has bits takes several pieces; in all but one of them no
 * leaf remains.
 *
 * @param thresholds by feature, ascending
 * @param leaves by feature: the words of all pieces for the first range, then for the next
 * @param pieces number of words per range
 * @param weights by leaf, then by class, with {@link #SLOTS} leaves per piece
 * @see <a href="https://doi.org/10.1145/2766462.2767733">QuickScorer, whose bits these are</a>
 */
@SuppressWarnings("ArrayRecordComponent") // Not a value: the arrays are not shared.
record LeafTable(float[][] thresholds, long[][] leaves, int pieces, float[] weights) {
  /** The leaves of a piece, and one without weights for a piece without a remaining leaf. */
  static final int SLOTS = Long.SIZE + 1;

  /** A larger table would not fit into the caches, and would take long to build. */
  private static final long MAX_WORDS = 1 << 20;

  /** The limit of depth, as trees are traversed by recursion. */
  private static final int MAX_DEPTH = 500;

  /** Builds a forest's table; empty if it would be too large, or if sums are not in float32. */
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

  /** The number of splits above the deepest leaf. */
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
    // Doubles, as there is no stream of floats; 0 and -0 are one threshold.
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
    // A binary tree has one more leaf than splits.
    return Math.ceilDiv((tree.size() + 1) / 2, Long.SIZE);
  }

  /** Whether there is no table, so that the trees have to be followed. */
  boolean isEmpty() {
    return pieces == 0;
  }

  /**
   * Adds the leaves below a node.
   *
   * @param piece the tree's first piece
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
        // A value goes left up to the threshold, and right above it.
        remove(feature, 0, range + 1, piece, first + lefts, first + lefts + rights);
        remove(feature, range + 1, ranges, piece, first, first + lefts);
        yield lefts + rights;
      }
    };
  }

  /** Removes leaves from ranges. */
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
   * The range of a value: the number of thresholds below it.
   *
   * @param sorted ascending, without duplicates
   * @param value not NaN
   */
  static int rank(float[] sorted, float value) {
    int rank = 0;
    int count = sorted.length;
    // Arithmetic instead of a branch, which could be mispredicted.
    while (count > 1) {
      int half = count >>> 1;
      rank = sorted[rank + half - 1] < value ? rank + half : rank;
      count -= half;
    }
    return count == 1 && sorted[rank] < value ? rank + 1 : rank;
  }
}
