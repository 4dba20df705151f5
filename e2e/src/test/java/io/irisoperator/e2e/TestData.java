package io.irisoperator.e2e;

import io.irisoperator.evaluation.data.DatasetReader;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.model.Iris;
import java.nio.file.Path;

/** The checked-in training and test data, as files and as rows for {@code /predict}. */
final class TestData {
  static final Path TRAIN_FILE = Stack.ROOT.resolve("data/iris_train.csv");
  static final Path TEST_FILE = Stack.ROOT.resolve("data/iris_test.csv");

  /** A flower that every good model predicts as setosa, as JSON. */
  static final String SETOSA = json(new double[] {5.1, 3.5, 1.4, 0.2});

  private TestData() {}

  /** The first rows of the test data. */
  static double[][] rows(int count) throws Exception {
    return DatasetReader.read(TEST_FILE).flowers().stream()
        .limit(count)
        .map(Flower::features)
        .toArray(double[][]::new);
  }

  static String json(double[] row) {
    StringBuilder json = new StringBuilder("{");
    for (int f = 0; f < row.length; f++) {
      json.append(f == 0 ? "" : ",")
          .append('"')
          .append(Iris.FEATURES.get(f))
          .append("\":")
          .append(row[f]);
    }
    return json.append('}').toString();
  }
}
