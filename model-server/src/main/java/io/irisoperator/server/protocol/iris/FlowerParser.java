package io.irisoperator.server.protocol.iris;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.irisoperator.model.Iris;
import io.irisoperator.server.prediction.InvalidInputException;
import io.irisoperator.server.prediction.Rows;
import io.irisoperator.server.protocol.MalformedJson;
import java.io.IOException;
import java.util.Arrays;

/** Reads a flower, or a list of flowers, from JSON. Errors name the invalid field. */
final class FlowerParser {
  /** Accepts NaN and Infinity as numbers, so that the error names their field. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final String ALLOWED = "must be a finite number (cm)";
  private static final int FEATURES = Iris.FEATURES.size();

  /** The initial capacity for a list. */
  private static final int INITIAL_ROWS = 16;

  private final JsonParser json;

  /** The prefix of field names in errors: for a list, the index of the flower. */
  private String prefix = "";

  private FlowerParser(JsonParser json) {
    this.json = json;
  }

  /** Whether a body starts like a JSON list. */
  static boolean isList(byte[] body) {
    for (byte b : body) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b == '[';
      }
    }
    return false;
  }

  /**
   * Reads a JSON object.
   *
   * @return the values in the order of {@link Iris#FEATURES}
   * @throws InvalidInputException if the body is not a flower; names the field if one is invalid
   */
  static double[] parse(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      double[] row = new double[FEATURES];
      parser.nextToken();
      new FlowerParser(parser).flower(row, 0);
      requireEnd(parser);
      return row;
    } catch (IOException e) {
      throw MalformedJson.of(e);
    }
  }

  /**
   * Reads a JSON list of objects.
   *
   * @throws InvalidInputException if the body is not a list of flowers; names the field if one is
   *     invalid, for example {@code [2].sepal_length}
   */
  static Rows parseList(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      Rows rows = new FlowerParser(parser).list();
      requireEnd(parser);
      return rows;
    } catch (IOException e) {
      throw MalformedJson.of(e);
    }
  }

  private static void requireEnd(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw new InvalidInputException("the JSON object or list must not be followed by other data");
    }
  }

  private Rows list() throws IOException {
    double[] values = new double[INITIAL_ROWS * FEATURES];
    int count = 0;
    json.nextToken();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count * FEATURES == values.length) {
        values = Arrays.copyOf(values, 2 * values.length);
      }
      prefix = "[" + count + "].";
      flower(values, count * FEATURES);
      count++;
    }
    return new Rows(values, count);
  }

  private void flower(double[] values, int at) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidInputException(
          "the body must be a JSON object with %s, or a list of such objects"
              .formatted(String.join(", ", Iris.FEATURES)));
    }
    Arrays.fill(values, at, at + FEATURES, Double.NaN);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      int feature = Iris.FEATURES.indexOf(name);
      if (feature < 0) {
        throw new InvalidInputException(
            prefix + name, "is unknown; allowed fields are " + String.join(", ", Iris.FEATURES));
      }
      if (!Double.isNaN(values[at + feature])) {
        throw new InvalidInputException(prefix + name, "is given twice");
      }
      values[at + feature] = length(name);
    }
    for (int f = 0; f < FEATURES; f++) {
      if (Double.isNaN(values[at + f])) {
        throw new InvalidInputException(prefix + Iris.FEATURES.get(f), "is missing; it " + ALLOWED);
      }
    }
  }

  private double length(String name) throws IOException {
    if (!json.nextToken().isNumeric()) {
      throw new InvalidInputException(prefix + name, ALLOWED);
    }
    double value = json.getDoubleValue();
    if (!Double.isFinite(value)) {
      throw new InvalidInputException(prefix + name, ALLOWED);
    }
    return value;
  }
}
