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
    return new GoldenRow(features, boxed(probabilities));
  }

  /**
   * Compares a classifier's probabilities with those of this row.
   *
   * @throws InvalidModelException if they differ
   */
  public void requireFrom(Classifier classifier) throws InvalidModelException {
    if (features.size() != Iris.FEATURES.size()) {
      throw new InvalidModelException(
          "the row %s has %d features, the model has %d"
              .formatted(features, features.size(), Iris.FEATURES.size()));
    }
    float[] answer = new float[Iris.CLASSES.size()];
    classifier.predict(features.stream().mapToDouble(Double::doubleValue).toArray(), answer);
    if (!boxed(answer).equals(probabilities)) {
      throw new InvalidModelException(
          "the row %s must give %s, the model gives %s"
              .formatted(features, probabilities, boxed(answer)));
    }
  }

  private static List<Float> boxed(float[] probabilities) {
    List<Float> boxed = new ArrayList<>(probabilities.length);
    for (float p : probabilities) {
      boxed.add(p);
    }
    return boxed;
  }
}
