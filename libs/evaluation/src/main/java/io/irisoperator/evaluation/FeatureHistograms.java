package io.irisoperator.evaluation;

import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.model.Iris;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Histograms of a data set's features, to compare requests with the training data. */
public final class FeatureHistograms {
  private static final int BINS = 20;

  /**
   * Numbers of rows in bins of equal width.
   *
   * @param edges ascending, one more than there are counts; a row on an inner edge counts in the
   *     bin above it
   * @param counts rows by bin
   */
  public record Histogram(List<Double> edges, List<Integer> counts) {
    public Histogram {
      edges = List.copyOf(edges);
      counts = List.copyOf(counts);
    }
  }

  private FeatureHistograms() {}

  /** Histograms by feature, in the order of {@link Iris#FEATURES}. */
  public static Map<String, Histogram> of(Dataset data) {
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
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    // The range may be more than a double can hold: the last bin has the rest then.
    double width = max > min ? Math.min(max - min, Double.MAX_VALUE) / BINS : 1.0 / BINS;
    int[] counts = new int[BINS];
    for (double value : values) {
      counts[Math.min(BINS - 1, (int) ((value - min) / width))]++;
    }
    List<Double> edges = new ArrayList<>();
    List<Integer> boxed = new ArrayList<>();
    for (int b = 0; b < BINS; b++) {
      edges.add(min + b * width);
      boxed.add(counts[b]);
    }
    // Rounding must not leave the largest value out.
    edges.add(Math.max(max, min + BINS * width));
    return new Histogram(edges, boxed);
  }
}
