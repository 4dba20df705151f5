package io.irisoperator.e2e;

import io.irisoperator.evaluation.data.DatasetReader;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.model.Iris;
import java.nio.file.Path;

/** The checked-in test rows, and how they are asked about. */
final class TestRows {
  static final Path TRAIN = Stack.ROOT.resolve("data/iris_train.csv");
  static final Path TEST = Stack.ROOT.resolve("data/iris_test.csv");

  private TestRows() {}

  static double[][] first(int count) throws Exception {
    return DatasetReader.read(TEST).flowers().stream()
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
