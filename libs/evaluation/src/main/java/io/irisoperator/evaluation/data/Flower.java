package io.irisoperator.evaluation.data;

import io.irisoperator.model.Iris;

/**
 * A labelled row.
 *
 * @param sepalLength in cm, like the other three
 * @param species an index into {@link Iris#CLASSES}
 */
public record Flower(
    double sepalLength, double sepalWidth, double petalLength, double petalWidth, int species) {

  /** The four lengths in the order of {@link Iris#FEATURES}. */
  public double[] features() {
    return new double[] {sepalLength, sepalWidth, petalLength, petalWidth};
  }
}
