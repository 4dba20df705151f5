package io.irisoperator.server.protocol.iris;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.irisoperator.model.Iris;
import io.irisoperator.server.http.RefusedException;
import io.irisoperator.server.prediction.Rows;
import java.io.IOException;
import java.util.Arrays;

/** Reads the four lengths of a flower, or of a list of flowers, or says which field is wrong. */
final class FlowerParser {
  /** NaN and Infinity are read as numbers only to be refused by their field. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final int FEATURES = Iris.FEATURES.size();

  /** Room for a first few rows. */
  private static final int FIRST_ROWS = 16;

  private final JsonParser json;

  /** What a field's name begins with: which flower of a list it is of. */
  private String prefix = "";

  private FlowerParser(JsonParser json) {
    this.json = json;
  }

  /** Whether a body begins as a list does. */
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
   * @throws RefusedException naming the field
   */
  static double[] parse(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      double[] row = new double[FEATURES];
      parser.nextToken();
      new FlowerParser(parser).flower(row, 0);
      requireEnd(parser);
      return row;
    } catch (IOException e) {
      throw RefusedException.notJson(e);
    }
  }

  /**
   * Reads a JSON list of objects.
   *
   * @throws RefusedException naming the field, as {@code [2].sepal_length}
   */
  static Rows parseList(byte[] body) {
    try (JsonParser parser = JSON.createParser(body)) {
      Rows rows = new FlowerParser(parser).list();
      requireEnd(parser);
      return rows;
    } catch (IOException e) {
      throw RefusedException.notJson(e);
    }
  }

  private static void requireEnd(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw RefusedException.badRequest(
          "the body must be one JSON object, or one list of them, and nothing behind it");
    }
  }

  private Rows list() throws IOException {
    double[] values = new double[FIRST_ROWS * FEATURES];
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
      throw RefusedException.badRequest(
          "the body must be a JSON object with %s, or a list of such"
              .formatted(String.join(", ", Iris.FEATURES)));
    }
    Arrays.fill(values, at, at + FEATURES, Double.NaN);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      int feature = Iris.FEATURES.indexOf(name);
      if (feature < 0) {
        throw RefusedException.badField(
            prefix + name, "is unknown; allowed are " + String.join(", ", Iris.FEATURES));
      }
      if (!Double.isNaN(values[at + feature])) {
        throw RefusedException.badField(prefix + name, "is there twice");
      }
      values[at + feature] = length(name);
    }
    for (int f = 0; f < FEATURES; f++) {
      if (Double.isNaN(values[at + f])) {
        throw RefusedException.badField(prefix + Iris.FEATURES.get(f), "is missing; " + allowed());
      }
    }
  }

  private double length(String name) throws IOException {
    if (!json.nextToken().isNumeric()) {
      throw RefusedException.badField(prefix + name, allowed());
    }
    double value = json.getDoubleValue();
    if (!(value >= 0 && value <= Iris.MAX_LENGTH)) {
      throw RefusedException.badField(prefix + name, allowed());
    }
    return value;
  }

  private static String allowed() {
    return "must be a number of cm from 0 to " + (int) Iris.MAX_LENGTH;
  }
}
