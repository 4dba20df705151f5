package io.irisoperator.forest;

import java.util.Arrays;

/**
 * Evaluates a forest again and again without allocating, and fast: several paths through trees are
 * followed at a time, since a step of one has to wait for memory. The answers are those of {@link
 * Forest#predict}, bit for bit. Not for several threads at once.
 */
public final class Evaluator {
  /** Paths at a time; the loops below are written out for it. */
  private static final int PATHS = 8;

  private final Forest forest;
  private final PackedForest packed;
  private final int features;
  private final int classes;
  private final boolean reference;
  private int[] keys;
  private final double[] row;
  private final float[] answer;

  /** An evaluator of a forest. */
  public Evaluator(Forest forest) {
    this.forest = forest;
    this.packed = forest.packed();
    this.features = forest.featureCount();
    this.classes = forest.classCount();
    this.reference = packed.isEmpty();
    this.keys = new int[features];
    this.row = new double[features];
    this.answer = new float[classes];
  }

  /**
   * Evaluates one row.
   *
   * @param row values of the features, rounded to float32 first where that is the input's precision
   * @param probabilities receives one for each class
   * @return the index of the predicted class
   */
  public int predict(double[] row, float[] probabilities) {
    if (reference || !key(row, 0)) {
      return forest.predict(row, probabilities);
    }
    Arrays.fill(probabilities, 0, classes, 0f);
    int tree = 0;
    for (; tree + PATHS <= packed.roots().length; tree += PATHS) {
      followTrees(tree, probabilities);
    }
    for (; tree < packed.roots().length; tree++) {
      add(follow(tree, 0), probabilities, 0);
    }
    return best(probabilities, 0);
  }

  /**
   * Evaluates rows.
   *
   * @param rows values of the features, row by row
   * @param count of rows
   * @param probabilities receives one for each class, row by row
   * @param labels receives the index of each row's predicted class
   */
  public void predict(double[] rows, int count, float[] probabilities, int[] labels) {
    if (keys.length < count * features) {
      keys = new int[count * features];
    }
    boolean ordered = !reference;
    for (int r = 0; ordered && r < count; r++) {
      ordered = key(rows, r);
    }
    if (!ordered) {
      for (int r = 0; r < count; r++) {
        System.arraycopy(rows, r * features, row, 0, features);
        labels[r] = forest.predict(row, answer);
        System.arraycopy(answer, 0, probabilities, r * classes, classes);
      }
      return;
    }
    Arrays.fill(probabilities, 0, count * classes, 0f);
    // A tree's nodes stay in the cache while all rows pass.
    for (int tree = 0; tree < packed.roots().length; tree++) {
      int r = 0;
      for (; r + PATHS <= count; r += PATHS) {
        followRows(tree, r, probabilities);
      }
      for (; r < count; r++) {
        add(follow(tree, r * features), probabilities, r * classes);
      }
    }
    for (int r = 0; r < count; r++) {
      labels[r] = best(probabilities, r * classes);
    }
  }

  /** False where a value has no key. */
  private boolean key(double[] rows, int r) {
    boolean ordered = true;
    for (int f = r * features; f < (r + 1) * features; f++) {
      keys[f] = PackedForest.key((float) rows[f]);
      ordered &= !Double.isNaN(rows[f]);
    }
    return ordered;
  }

  private int follow(int tree, int at) {
    int node = packed.roots()[tree];
    for (int depth = packed.depths()[tree]; depth > 0; depth--) {
      node = PackedForest.child(packed.nodes()[node], keys, at);
    }
    return node;
  }

  /** One row through {@link #PATHS} trees. */
  private void followTrees(int tree, float[] probabilities) {
    long[] nodes = packed.nodes();
    int[] roots = packed.roots();
    int[] of = keys;
    int depth = 0;
    for (int t = tree; t < tree + PATHS; t++) {
      depth = Math.max(depth, packed.depths()[t]);
    }
    int n0 = roots[tree];
    int n1 = roots[tree + 1];
    int n2 = roots[tree + 2];
    int n3 = roots[tree + 3];
    int n4 = roots[tree + 4];
    int n5 = roots[tree + 5];
    int n6 = roots[tree + 6];
    int n7 = roots[tree + 7];
    for (; depth > 0; depth--) {
      n0 = PackedForest.child(nodes[n0], of, 0);
      n1 = PackedForest.child(nodes[n1], of, 0);
      n2 = PackedForest.child(nodes[n2], of, 0);
      n3 = PackedForest.child(nodes[n3], of, 0);
      n4 = PackedForest.child(nodes[n4], of, 0);
      n5 = PackedForest.child(nodes[n5], of, 0);
      n6 = PackedForest.child(nodes[n6], of, 0);
      n7 = PackedForest.child(nodes[n7], of, 0);
    }
    // In the order of the trees: sums of floats depend on it.
    add(n0, probabilities, 0);
    add(n1, probabilities, 0);
    add(n2, probabilities, 0);
    add(n3, probabilities, 0);
    add(n4, probabilities, 0);
    add(n5, probabilities, 0);
    add(n6, probabilities, 0);
    add(n7, probabilities, 0);
  }

  /** {@link #PATHS} rows through one tree. */
  private void followRows(int tree, int r, float[] probabilities) {
    long[] nodes = packed.nodes();
    int[] of = keys;
    int at = r * features;
    int n0 = packed.roots()[tree];
    int n1 = n0;
    int n2 = n0;
    int n3 = n0;
    int n4 = n0;
    int n5 = n0;
    int n6 = n0;
    int n7 = n0;
    for (int depth = packed.depths()[tree]; depth > 0; depth--) {
      n0 = PackedForest.child(nodes[n0], of, at);
      n1 = PackedForest.child(nodes[n1], of, at + features);
      n2 = PackedForest.child(nodes[n2], of, at + 2 * features);
      n3 = PackedForest.child(nodes[n3], of, at + 3 * features);
      n4 = PackedForest.child(nodes[n4], of, at + 4 * features);
      n5 = PackedForest.child(nodes[n5], of, at + 5 * features);
      n6 = PackedForest.child(nodes[n6], of, at + 6 * features);
      n7 = PackedForest.child(nodes[n7], of, at + 7 * features);
    }
    int to = r * classes;
    add(n0, probabilities, to);
    add(n1, probabilities, to + classes);
    add(n2, probabilities, to + 2 * classes);
    add(n3, probabilities, to + 3 * classes);
    add(n4, probabilities, to + 4 * classes);
    add(n5, probabilities, to + 5 * classes);
    add(n6, probabilities, to + 6 * classes);
    add(n7, probabilities, to + 7 * classes);
  }

  private void add(int leaf, float[] sums, int to) {
    int from = leaf * classes;
    for (int c = 0; c < classes; c++) {
      sums[to + c] += packed.weights()[from + c];
    }
  }

  /** The first class of the highest score. */
  private int best(float[] sums, int from) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (sums[from + c] > sums[from + best]) {
        best = c;
      }
    }
    return best;
  }
}
