package io.irisoperator.server.prediction;

import io.irisoperator.model.Iris;

/**
 * The rows to predict.
 *
 * @param values the {@link Iris#FEATURES} in cm, row by row, all finite; the array is not copied
 * @param count the number of rows, at most {@link #MAX}
 */
@SuppressWarnings("ArrayRecordComponent") // The content of a request, never compared.
public record Rows(double[] values, int count) {
  /** The max number of rows in a request: a larger one would delay all others. */
  public static final int MAX = 10_000;

  /**
   * Checks the rows.
   *
   * @throws InvalidInputException if there are more than {@link #MAX}, or if a value is not finite
   */
  public Rows {
    if (count > MAX) {
      throw new InvalidInputException(
          "the request has %d rows, the limit is %d".formatted(count, MAX));
    }
    int features = Iris.FEATURES.size();
    for (int i = 0; i < count * features; i++) {
      if (!Double.isFinite(values[i])) {
        throw new InvalidInputException(
            "%s of row %d is not a finite number"
                .formatted(Iris.FEATURES.get(i % features), i / features));
      }
    }
  }
}
