package io.irisoperator.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A row with the probabilities that a model must give it, to the last bit.
 *
 * @param features one value per feature
 * @param probabilities one per class
 */
public record GoldenRow(List<Double> features, List<Float> probabilities) {
  public GoldenRow {
    features = List.copyOf(features);
    probabilities = List.copyOf(probabilities);
  }

  /** The row with what the forest answers. */
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
   * Compares the forest's answer with this row.
   *
   * @throws InvalidModelException when the forest answers otherwise
   */
  void requireFrom(Forest forest) throws InvalidModelException {
    if (features.size() != forest.featureCount()) {
      throw new InvalidModelException(
          "the row %s has %d features, the model %d"
              .formatted(features, features.size(), forest.featureCount()));
    }
    List<Float> answer = of(forest, features).probabilities();
    if (!answer.equals(probabilities)) {
      throw new InvalidModelException(
          "the row %s must give %s, the model gives %s".formatted(features, probabilities, answer));
    }
  }
}
