package io.irisoperator.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A row and the probabilities that a model must give for it, bit for bit.
 *
 * @param features one value per feature
 * @param probabilities one per class
 */
public record GoldenRow(List<Double> features, List<Float> probabilities) {
  public GoldenRow {
    features = List.copyOf(features);
    probabilities = List.copyOf(probabilities);
  }

  /** The row with the probabilities that the forest gives. */
  public static GoldenRow of(Forest forest, List<Double> features) {
    float[] probabilities = new float[forest.classCount()];
    forest.predict(features.stream().mapToDouble(Double::doubleValue).toArray(), probabilities);
    List<Float> boxed = new ArrayList<>(probabilities.length);
    for (float p : probabilities) {
      boxed.add(p);
    }
    return new GoldenRow(features, boxed);
  }

  /**
   * Compares the forest's probabilities with those of this row.
   *
   * @throws InvalidModelException if they differ
   */
  void requireFrom(Forest forest) throws InvalidModelException {
    if (features.size() != forest.featureCount()) {
      throw new InvalidModelException(
          "the row %s has %d features, the model has %d"
              .formatted(features, features.size(), forest.featureCount()));
    }
    List<Float> answer = of(forest, features).probabilities();
    if (!answer.equals(probabilities)) {
      throw new InvalidModelException(
          "the row %s must give %s, the model gives %s".formatted(features, probabilities, answer));
    }
  }
}
