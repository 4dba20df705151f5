package io.irisoperator.forest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A row with the probabilities that a model must give it, to the last bit; {@code golden.json}
 * holds a list of them.
 *
 * @param features one value per feature
 * @param probabilities one per class
 */
public record GoldenRow(List<Double> features, List<Float> probabilities) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          // Decimal digits go straight to float: by way of a double they could round twice.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private static final int MAX_ROWS = 10_000;

  private record File(List<GoldenRow> rows) {}

  public GoldenRow {
    features = List.copyOf(features);
    probabilities = List.copyOf(probabilities);
  }

  /** The row with what the forest answers. */
  public static GoldenRow of(Forest forest, List<Double> features) {
    float[] probabilities = new float[forest.classCount()];
    forest.predict(features.stream().mapToDouble(Double::doubleValue).toArray(), probabilities);
    List<Float> boxed = new ArrayList<>(probabilities.length);
    for (float p : probabilities) {
      boxed.add(p);
    }
    return new GoldenRow(features, boxed);
  }

  public static byte[] write(List<GoldenRow> rows) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(new File(rows));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rows of numbers are always JSON", e);
    }
  }

  /**
   * Reads a {@code golden.json}.
   *
   * @throws BrokenModelException when the file is not a list of rows
   */
  public static List<GoldenRow> read(byte[] file) throws BrokenModelException {
    try {
      List<GoldenRow> rows = List.copyOf(JSON.readValue(file, File.class).rows());
      if (rows.size() > MAX_ROWS) {
        throw new BrokenModelException(
            "%d golden rows, at most %d are verified".formatted(rows.size(), MAX_ROWS));
      }
      return rows;
    } catch (IOException | NullPointerException e) {
      throw new BrokenModelException("not a list of golden rows: " + e.getMessage(), e);
    }
  }

  /**
   * Compares the forest's answer with this row.
   *
   * @throws BrokenModelException when the forest answers otherwise
   */
  void requireFrom(Forest forest) throws BrokenModelException {
    if (features.size() != forest.featureCount()) {
      throw new BrokenModelException(
          "the row %s has %d features, the model %d"
              .formatted(features, features.size(), forest.featureCount()));
    }
    List<Float> answer = of(forest, features).probabilities();
    if (!answer.equals(probabilities)) {
      throw new BrokenModelException(
          "the row %s must give %s, the model gives %s".formatted(features, probabilities, answer));
    }
  }
}
