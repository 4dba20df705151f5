package io.irisoperator.model;

/** Predicts the classes of rows whose features are in the order of {@link Iris#FEATURES}. */
public interface Classifier {
  /**
   * Predicts one row.
   *
   * @param row values of the features
   * @param probabilities receives one probability per class
   * @return the index of the predicted class
   */
  int predict(double[] row, float[] probabilities);

  /**
   * Predicts rows.
   *
   * @param rows values of the features, row by row
   * @param count number of rows
   * @param probabilities receives one probability per class, row by row
   * @param labels receives the index of each row's predicted class
   */
  void predict(double[] rows, int count, float[] probabilities, int[] labels);
}
