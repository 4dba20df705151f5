package io.irisoperator.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A model's {@code golden.json}: {@code {"rows":[{"features":[…],"probabilities":[…]}, …]}}. It is
 * read token by token, as mapping JSON to objects loads 400 classes at a server's start.
 */
public final class GoldenFile {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String ROWS = "rows";
  private static final String FEATURES = "features";
  private static final String PROBABILITIES = "probabilities";
  private static final int MAX_ROWS = 10_000;

  private GoldenFile() {}

  /** Writes a file; the same rows give the same bytes. */
  public static byte[] write(List<GoldenRow> rows) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      json.writeStartObject();
      json.writeArrayFieldStart(ROWS);
      for (GoldenRow row : rows) {
        json.writeStartObject();
        json.writeArrayFieldStart(FEATURES);
        for (double feature : row.features()) {
          json.writeNumber(feature);
        }
        json.writeEndArray();
        json.writeArrayFieldStart(PROBABILITIES);
        for (float probability : row.probabilities()) {
          json.writeNumber(probability);
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory can always be written", e);
    }
    return out.toByteArray();
  }

  /**
   * Reads a file.
   *
   * @throws InvalidModelException if the file is not a list of rows, or has too many
   */
  public static List<GoldenRow> read(byte[] file) throws InvalidModelException {
    try (JsonParser json = JSON.createParser(file)) {
      require(json, json.nextToken() == JsonToken.START_OBJECT, "an object");
      require(json, ROWS.equals(json.nextFieldName()), "'" + ROWS + "'");
      require(json, json.nextToken() == JsonToken.START_ARRAY, "a list of rows");
      List<GoldenRow> rows = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        rows.add(row(json));
        if (rows.size() > MAX_ROWS) {
          throw new InvalidModelException(
              "more than %d golden rows, the limit".formatted(MAX_ROWS));
        }
      }
      require(json, json.nextToken() == JsonToken.END_OBJECT, "no field other than rows");
      require(json, json.nextToken() == null, "the end of the file after the rows");
      return rows;
    } catch (IOException e) {
      // The bytes are in memory, so the exception is always about their content.
      throw new InvalidModelException("not a list of golden rows: " + e.getMessage(), e);
    }
  }

  private static GoldenRow row(JsonParser json) throws IOException, InvalidModelException {
    require(json, json.currentToken() == JsonToken.START_OBJECT, "a row");
    Optional<List<Double>> features = Optional.empty();
    Optional<List<Float>> probabilities = Optional.empty();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      switch (json.currentName()) {
        case FEATURES -> features = Optional.of(numbers(json, Double::parseDouble));
        // Not parsed as a double first, which could round twice.
        case PROBABILITIES -> probabilities = Optional.of(numbers(json, Float::parseFloat));
        default -> require(json, false, "'" + FEATURES + "' or '" + PROBABILITIES + "'");
      }
    }
    require(
        json,
        features.isPresent() && probabilities.isPresent(),
        "'" + FEATURES + "' and '" + PROBABILITIES + "' in each row");
    return new GoldenRow(features.get(), probabilities.get());
  }

  private static <T> List<T> numbers(JsonParser json, Function<String, T> of)
      throws IOException, InvalidModelException {
    require(json, json.nextToken() == JsonToken.START_ARRAY, "a list of numbers");
    List<T> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(json, json.currentToken().isNumeric(), "a number");
      numbers.add(of.apply(json.getText()));
    }
    return numbers;
  }

  private static void require(JsonParser json, boolean valid, String expected)
      throws InvalidModelException {
    if (!valid) {
      throw new InvalidModelException(
          "not a list of golden rows: line %d: expected %s"
              .formatted(json.currentTokenLocation().getLineNr(), expected));
    }
  }
}
