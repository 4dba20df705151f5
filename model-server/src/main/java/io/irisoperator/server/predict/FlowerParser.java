package io.irisoperator.server.predict;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.irisoperator.forest.Iris;
import io.irisoperator.server.error.BadFieldException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Reads the four lengths of a request's body, or says which field is wrong. */
final class FlowerParser {
  /** NaN and Infinity are read as numbers only to be refused by their field. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private FlowerParser() {}

  /**
   * Reads a JSON object.
   *
   * @return the values in the order of {@link Iris#FEATURES}
   * @throws BadFieldException naming the field
   */
  static double[] parse(byte[] body) {
    double[] row = new double[Iris.FEATURES.size()];
    Arrays.fill(row, Double.NaN);
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadFieldException("the body must be a JSON object with " + names());
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        int feature = Iris.FEATURES.indexOf(name);
        if (feature < 0) {
          throw new BadFieldException(name, "is unknown; allowed are " + names());
        }
        if (!Double.isNaN(row[feature])) {
          throw new BadFieldException(name, "is there twice");
        }
        row[feature] = length(parser, name);
      }
      if (parser.nextToken() != null) {
        throw new BadFieldException("the body must be one JSON object and nothing behind it");
      }
    } catch (JsonProcessingException e) {
      throw new BadFieldException("the body is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory can always be read", e);
    }
    for (int f = 0; f < row.length; f++) {
      if (Double.isNaN(row[f])) {
        throw new BadFieldException(Iris.FEATURES.get(f), "is missing; " + allowed());
      }
    }
    return row;
  }

  private static double length(JsonParser parser, String name) throws IOException {
    if (!parser.nextToken().isNumeric()) {
      throw new BadFieldException(name, allowed());
    }
    double value = parser.getDoubleValue();
    if (!(value >= 0 && value <= Iris.MAX_LENGTH)) {
      throw new BadFieldException(name, allowed());
    }
    return value;
  }

  private static String allowed() {
    return "must be a number of cm from 0 to " + (int) Iris.MAX_LENGTH;
  }

  private static String names() {
    return String.join(", ", Iris.FEATURES);
  }
}
