package io.irisoperator.server;

import io.irisoperator.forest.BrokenModelException;
import io.irisoperator.forest.Forest;
import io.irisoperator.forest.GoldenFile;
import io.irisoperator.forest.GoldenRow;
import io.irisoperator.forest.ModelFolder;
import io.irisoperator.forest.Node;
import io.irisoperator.forest.OnnxForest;
import io.irisoperator.forest.OnnxWriter;
import io.irisoperator.forest.Precision;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One tree: a short petal is setosa, a long one versicolor by 0.75. */
final class SmallModel {
  private SmallModel() {}

  static ModelFolder folder() throws BrokenModelException {
    Forest forest =
        Forest.of(
            Precision.FLOAT32,
            4,
            3,
            List.of(
                List.of(
                    new Node.Split(2, 2.45f, false, 1, 2),
                    new Node.Leaf(List.of(1f, 0f, 0f)),
                    new Node.Leaf(List.of(0f, .75f, .25f)))));
    return new ModelFolder(
        new TreeMap<>(
            Map.of(
                ModelFolder.ONNX,
                OnnxWriter.write(new OnnxForest(forest, List.of(), Map.of())),
                ModelFolder.GOLDEN,
                GoldenFile.write(List.of(GoldenRow.of(forest, List.of(5.1, 3.5, 1.4, 0.2)))))));
  }
}
