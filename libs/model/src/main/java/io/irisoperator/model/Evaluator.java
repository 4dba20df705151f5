package io.irisoperator.model;

import java.util.Arrays;

/**
 * Evaluates a forest repeatedly, fast and without allocation, with its {@link LeafTable}. The
 * results are those of {@link Forest#predict}, bit for bit, which evaluates what the table cannot:
 * a row with NaN, or a forest without a table. Not thread-safe.
 */
public final class Evaluator implements Classifier {
  private static final int THREE = 3;

  private final Forest forest;
  private final LeafTable table;
  private final int features;
  private final int classes;
  private final double[] row;
  private final float[] answer;

  /** For each piece of the table the remaining leaf, as a bit. */
  private final long[] leaf;

  /** An evaluator of a forest. */
  public Evaluator(Forest forest) {
    this.forest = forest;
    this.table = forest.table();
    this.features = forest.featureCount();
    this.classes = forest.classCount();
    this.row = new double[features];
    this.answer = new float[classes];
    this.leaf = new long[table.pieces()];
  }

  /** {@inheritDoc} They are rounded to float32 first if that is the input's precision. */
  @Override
  public int predict(double[] row, float[] probabilities) {
    return find(row, 0) ? sum(probabilities, 0) : forest.predict(row, probabilities);
  }

  @Override
  public void predict(double[] rows, int count, float[] probabilities, int[] labels) {
    for (int r = 0; r < count; r++) {
      if (find(rows, r * features)) {
        labels[r] = sum(probabilities, r * classes);
      } else {
        System.arraycopy(rows, r * features, row, 0, features);
        labels[r] = forest.predict(row, answer);
        System.arraycopy(answer, 0, probabilities, r * classes, classes);
      }
    }
  }

  /** Finds the leaves of the row at an offset; false if the table cannot evaluate it. */
  private boolean find(double[] rows, int at) {
    if (table.isEmpty()) {
      return false;
    }
    int pieces = leaf.length;
    for (int f = 0; f < features; f++) {
      float value = (float) rows[at + f];
      if (Float.isNaN(value)) {
        return false;
      }
      long[] of = table.leaves()[f];
      int from = LeafTable.rank(table.thresholds()[f], value) * pieces;
      if (f == 0) {
        System.arraycopy(of, from, leaf, 0, pieces);
      } else {
        // The compiler vectorizes this loop.
        for (int p = 0; p < pieces; p++) {
          leaf[p] &= of[from + p];
        }
      }
    }
    return true;
  }

  /** Sums the weights of the leaves in the order of the trees: sums of floats depend on it. */
  private int sum(float[] sums, int to) {
    float[] weights = table.weights();
    if (classes == THREE) {
      // In registers, as each addition to memory waits for the one before.
      float first = 0;
      float second = 0;
      float third = 0;
      for (int p = 0; p < leaf.length; p++) {
        int from = (p * LeafTable.SLOTS + Long.numberOfTrailingZeros(leaf[p])) * THREE;
        first += weights[from];
        second += weights[from + 1];
        third += weights[from + 2];
      }
      sums[to] = first;
      sums[to + 1] = second;
      sums[to + 2] = third;
    } else {
      Arrays.fill(sums, to, to + classes, 0f);
      for (int p = 0; p < leaf.length; p++) {
        int from = (p * LeafTable.SLOTS + Long.numberOfTrailingZeros(leaf[p])) * classes;
        for (int c = 0; c < classes; c++) {
          sums[to + c] += weights[from + c];
        }
      }
    }
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (sums[to + c] > sums[to + best]) {
        best = c;
      }
    }
    return best;
  }
}
