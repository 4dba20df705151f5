package io.irisoperator.evaluation;

import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.model.Forest;
import io.irisoperator.model.Iris;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Scores of a model on a data set, from 0 to 1. Precision, recall and F1 are averages over the
 * classes, weighted by their rows, like scikit-learn's {@code average="weighted"}; a ratio of 0 to
 * 0 counts as 0.
 *
 * @param confusion rows by true class, then by predicted class
 */
public record Scores(
    double accuracy, double precision, double recall, double f1, List<List<Integer>> confusion) {

  public Scores {
    confusion = confusion.stream().map(List::copyOf).toList();
  }

  /** Scores of a forest that predicts every row. */
  public static Scores of(Forest forest, Dataset data) {
    int[][] confusion = new int[Iris.CLASSES.size()][Iris.CLASSES.size()];
    float[] probabilities = new float[forest.classCount()];
    for (Flower flower : data.flowers()) {
      confusion[flower.species()][forest.predict(flower.features(), probabilities)]++;
    }
    return of(confusion);
  }

  /**
   * Scores of a confusion matrix.
   *
   * @param confusion rows by true class, then by predicted class
   */
  public static Scores of(int[][] confusion) {
    int classes = confusion.length;
    int[] truth = new int[classes];
    int[] predicted = new int[classes];
    for (int t = 0; t < classes; t++) {
      for (int p = 0; p < classes; p++) {
        truth[t] += confusion[t][p];
        predicted[p] += confusion[t][p];
      }
    }
    int rows = Arrays.stream(truth).sum();
    IntToDoubleFunction precision = c -> ratio(confusion[c][c], predicted[c]);
    IntToDoubleFunction recall = c -> ratio(confusion[c][c], truth[c]);
    IntToDoubleFunction f1 =
        c ->
            ratio(
                2 * precision.applyAsDouble(c) * recall.applyAsDouble(c),
                precision.applyAsDouble(c) + recall.applyAsDouble(c));
    return new Scores(
        weighted(recall, truth, rows),
        weighted(precision, truth, rows),
        weighted(recall, truth, rows),
        weighted(f1, truth, rows),
        Arrays.stream(confusion).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  private static double weighted(IntToDoubleFunction score, int[] truth, int rows) {
    double sum = 0;
    for (int c = 0; c < truth.length; c++) {
      sum += score.applyAsDouble(c) * truth[c];
    }
    return ratio(sum, rows);
  }

  private static double ratio(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
