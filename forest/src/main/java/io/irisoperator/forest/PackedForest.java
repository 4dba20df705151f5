package io.irisoperator.forest;

import java.util.Arrays;
import java.util.List;

/**
 * A forest of single precision laid out for speed: a node is one {@code long}, a step from a node
 * to its child has no branch that could be mispredicted, and a leaf is its own child, so that every
 * path through a tree is as long as the tree is deep.
 *
 * <p>A node's upper half is its threshold as a {@linkplain #key key}, then come 24 bits with the
 * index of its left child, beside which the right one is, and 8 with its feature. Trees lie one
 * after the other, each breadth-first: the nodes that all rows pass share cache lines.
 *
 * @param nodes all of them
 * @param roots of the trees
 * @param depths of the trees: splits from the root to the farthest leaf
 * @param weights of each node, if it is a leaf, one for each class
 */
@SuppressWarnings("ArrayRecordComponent") // Not a value: the arrays are nobody else's.
record PackedForest(long[] nodes, int[] roots, int[] depths, float[] weights) {
  static final int MAX_NODES = 1 << 24;
  static final int MAX_FEATURES = 1 << 8;

  /**
   * A whole number for a value that is not NaN, in the same order. Both zeros have one: they are
   * equal.
   */
  static int key(float value) {
    int bits = Float.floatToRawIntBits(value + 0.0f);
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }

  /** Packs trees; empty where they cannot be packed: such are evaluated without. */
  static PackedForest of(
      Precision precision, int featureCount, int classCount, List<List<Node>> trees) {
    int nodeCount = trees.stream().mapToInt(List::size).sum();
    if (precision != Precision.FLOAT32 || featureCount > MAX_FEATURES || nodeCount > MAX_NODES) {
      return new PackedForest(new long[0], new int[0], new int[0], new float[0]);
    }
    PackedForest packed =
        new PackedForest(
            new long[nodeCount],
            new int[trees.size()],
            new int[trees.size()],
            new float[nodeCount * classCount]);
    int next = 0;
    for (int t = 0; t < trees.size(); t++) {
      packed.roots[t] = next;
      packed.depths[t] = packed.pack(trees.get(t), next, classCount);
      next += trees.get(t).size();
    }
    return packed;
  }

  /** Whether there is anything to evaluate. */
  boolean isEmpty() {
    return nodes.length == 0;
  }

  /**
   * Packs a tree, level by level.
   *
   * @return its depth
   */
  private int pack(List<Node> tree, int root, int classCount) {
    int depth = 0;
    int end = root + 1;
    int[] level = {0};
    for (int start = root; level.length > 0; depth++) {
      int[] below = new int[2 * level.length];
      int children = 0;
      for (int n = 0; n < level.length; n++) {
        int at = start + n;
        switch (tree.get(level[n])) {
          case Node.Split(int feature, float threshold, boolean _, int left, int right) -> {
            nodes[at] = node(key(threshold), end + children, feature);
            below[children++] = left;
            below[children++] = right;
          }
          case Node.Leaf(List<Float> of) -> {
            // No key is above this threshold, so that every row stays.
            nodes[at] = node(Integer.MAX_VALUE, at, 0);
            for (int c = 0; c < classCount; c++) {
              weights[at * classCount + c] = of.get(c);
            }
          }
        }
      }
      start += level.length;
      end += children;
      level = Arrays.copyOf(below, children);
    }
    return depth - 1;
  }

  private static long node(int threshold, int left, int feature) {
    return ((long) threshold << 32) | ((long) left << 8) | feature;
  }

  /**
   * The child that a row goes to: the left one if its key is not above the threshold.
   *
   * @param keys of rows, one behind the other
   * @param row where this row's keys start
   */
  static int child(long node, int[] keys, int row) {
    int feature = (int) node & (MAX_FEATURES - 1);
    int left = (int) node >>> 8;
    // The sign of the difference of two ints as longs, which cannot overflow.
    return left + (int) (((node >> 32) - keys[row + feature]) >>> 63);
  }
}
