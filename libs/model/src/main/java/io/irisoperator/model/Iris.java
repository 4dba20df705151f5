package io.irisoperator.model;

import java.util.List;

/** The names of the Iris data set, in the order of scikit-learn's {@code load_iris}. */
public final class Iris {
  /** The features, in cm. */
  public static final List<String> FEATURES =
      List.of("sepal_length", "sepal_width", "petal_length", "petal_width");

  public static final List<String> CLASSES = List.of("setosa", "versicolor", "virginica");

  /** In cm, more than any flower measures. Rows and requests with more are rejected. */
  public static final double MAX_LENGTH = 1000;

  private Iris() {}
}
