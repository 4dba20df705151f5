package io.irisoperator.server.prediction;

import io.irisoperator.model.Iris;
import io.irisoperator.server.http.RefusedException;

/**
 * Flowers to be predicted.
 *
 * @param values of {@link Iris#FEATURES} in cm, flower by flower; nobody's else
 * @param count of flowers
 */
@SuppressWarnings("ArrayRecordComponent") // Not a value: what a request brought.
public record Rows(double[] values, int count) {
  /** More in one request would keep the others waiting. */
  public static final int MAX = 10_000;

  /**
   * Checks that it is not too many.
   *
   * @throws RefusedException when it is
   */
  public Rows {
    if (count > MAX) {
      throw RefusedException.badRequest(
          "%d rows are too many for one request: send up to %d".formatted(count, MAX));
    }
  }
}
