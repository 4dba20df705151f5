package io.irisoperator.trainer.model;

import io.irisoperator.model.Iris;
import io.irisoperator.trainer.data.Dataset;
import io.irisoperator.trainer.data.Flower;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the training data is spread, for whoever compares what is asked with what was learned from.
 */
final class FeatureHistograms {
  private static final int BINS = 20;

  /**
   * Rows between edges of equal distance.
   *
   * @param edges one more than counts, rising; a row on an inner edge counts above it
   */
  record Histogram(List<Double> edges, List<Integer> counts) {}

  private FeatureHistograms() {}

  static Map<String, Histogram> of(Dataset data) {
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    for (int f = 0; f < Iris.FEATURES.size(); f++) {
      int feature = f;
      histograms.put(
          Iris.FEATURES.get(f),
          histogram(
              data.flowers().stream()
                  .map(Flower::features)
                  .mapToDouble(row -> row[feature])
                  .toArray()));
    }
    return histograms;
  }

  private static Histogram histogram(double[] values) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    double width = most > least ? (most - least) / BINS : 1.0 / BINS;
    int[] counts = new int[BINS];
    for (double value : values) {
      counts[Math.min(BINS - 1, (int) ((value - least) / width))]++;
    }
    List<Double> edges = new ArrayList<>();
    List<Integer> boxed = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      edges.add(least + b * width);
      boxed.add(counts[b]);
    }
    edges.add(least + BINS * width);
    return new Histogram(edges, boxed);
  }
}
