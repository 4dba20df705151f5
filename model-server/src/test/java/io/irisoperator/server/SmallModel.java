package io.irisoperator.server;

import io.irisoperator.model.Forest;
import io.irisoperator.model.GoldenFile;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import io.irisoperator.model.Precision;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A model of one tree: a short petal is setosa, a long one versicolor with probability 0.75. */
final class SmallModel {
  private SmallModel() {}

  static ModelFolder folder() throws InvalidModelException {
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
                OnnxWriter.write(OnnxForest.of(forest)),
                ModelFolder.GOLDEN,
                GoldenFile.write(List.of(GoldenRow.of(forest, List.of(5.1, 3.5, 1.4, 0.2)))))));
  }
}
