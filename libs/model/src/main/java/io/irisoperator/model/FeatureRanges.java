package io.irisoperator.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** The range of each feature in a model's training data, in the order of {@link Iris#FEATURES}. */
public final class FeatureRanges {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String EDGES = "edges";

  private final double[] min = new double[Iris.FEATURES.size()];
  private final double[] max = new double[Iris.FEATURES.size()];

  private FeatureRanges() {
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
  }

  /**
   * The ranges of rows.
   *
   * @param rows each with a value for each feature
   */
  public static FeatureRanges of(Iterable<double[]> rows) {
    FeatureRanges ranges = new FeatureRanges();
    for (double[] row : rows) {
      for (int f = 0; f < row.length; f++) {
        ranges.include(f, row[f]);
      }
    }
    return ranges;
  }

  /**
   * The ranges that a model's histograms have; empty for a model without histograms.
   *
   * @throws InvalidModelException if the histograms are not JSON, or miss a feature
   */
  static Optional<FeatureRanges> of(OnnxMetadata metadata) throws InvalidModelException {
    String histograms = metadata.properties().get(OnnxMetadata.FEATURE_HISTOGRAMS);
    if (histograms == null) {
      return Optional.empty();
    }
    FeatureRanges ranges = new FeatureRanges();
    try (JsonParser json = JSON.createParser(histograms)) {
      int feature = -1;
      boolean edges = false;
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.FIELD_NAME) {
          int named = Iris.FEATURES.indexOf(json.currentName());
          feature = named >= 0 ? named : feature;
          edges = json.currentName().equals(EDGES);
        } else if (token.isNumeric() && edges && feature >= 0) {
          ranges.include(feature, json.getDoubleValue());
        }
      }
    } catch (IOException e) {
      throw new InvalidModelException(
          "metadata %s is not JSON".formatted(OnnxMetadata.FEATURE_HISTOGRAMS), e);
    }
    for (int f = 0; f < ranges.min.length; f++) {
      if (ranges.min[f] > ranges.max[f]) {
        throw new InvalidModelException(
            "metadata %s has no edges for %s"
                .formatted(OnnxMetadata.FEATURE_HISTOGRAMS, Iris.FEATURES.get(f)));
      }
    }
    return Optional.of(ranges);
  }

  private void include(int feature, double value) {
    min[feature] = Math.min(min[feature], value);
    max[feature] = Math.max(max[feature], value);
  }

  /**
   * Whether each value of a row is in its feature's range.
   *
   * @param rows values of the features, row by row
   * @param at the position of the row's first value
   */
  public boolean contain(double[] rows, int at) {
    boolean inside = true;
    for (int f = 0; f < min.length; f++) {
      inside &= rows[at + f] >= min[f] && rows[at + f] <= max[f];
    }
    return inside;
  }
}
