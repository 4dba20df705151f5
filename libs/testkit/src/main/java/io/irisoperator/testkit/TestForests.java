package io.irisoperator.testkit;

import io.irisoperator.model.Forest;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import io.irisoperator.model.Precision;
import java.util.List;

/** The smallest forests. */
public final class TestForests {
  private TestForests() {}

  /**
   * A forest of one leaf, which predicts the same for every row.
   *
   * @param features the number of features
   * @param probabilities one for each class
   */
  public static Forest constant(int features, List<Float> probabilities)
      throws InvalidModelException {
    Node leaf = new Node.Leaf(probabilities);
    return Forest.of(Precision.FLOAT32, features, probabilities.size(), List.of(List.of(leaf)));
  }

  /** The ONNX file of that forest. */
  public static byte[] constantOnnx(int features, List<Float> probabilities)
      throws InvalidModelException {
    return OnnxWriter.write(OnnxForest.of(constant(features, probabilities)));
  }
}
