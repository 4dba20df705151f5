package io.irisoperator.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The names of the Iris data set, in the order of scikit-learn's {@code load_iris}. */
public final class Iris {
  /** The features, in cm. */
  public static final List<String> FEATURES =
      List.of("sepal_length", "sepal_width", "petal_length", "petal_width");

  public static final List<String> CLASSES = List.of("setosa", "versicolor", "virginica");

  private Iris() {}

  /**
   * The index of the feature that a column has, by its name: ours, or the one that it has in
   * scikit-learn ({@code sepal length (cm)}), in R ({@code Sepal.Length}) or on Kaggle ({@code
   * SepalLengthCm}).
   */
  public static Optional<Integer> featureIndex(String column) {
    String name =
        column
            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[ ._-]+", "_")
            .replaceAll("_\\(?cm\\)?_?$", "");
    return Optional.of(FEATURES.indexOf(name)).filter(index -> index >= 0);
  }
}
