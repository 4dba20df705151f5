package io.irisoperator.evaluation.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.Iris;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads flowers from CSV with a header line or from JSON, a list of objects; the file's extension
 * decides.
 *
 * <p>Columns: the four {@link Iris#FEATURES} in cm, {@code class} (0, 1, 2) and {@code class_name};
 * at least one of the last two is required.
 */
public final class DatasetReader {
  private static final String CLASS = "class";
  private static final String CLASS_NAME = "class_name";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private DatasetReader() {}

  /**
   * Reads and checks a whole file.
   *
   * @throws InvalidDataException naming the file, and the line (CSV) or the row and line (JSON)
   *     that is invalid
   */
  public static Dataset read(Path file) throws InvalidDataException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new InvalidDataException(file + " cannot be read: " + e, e);
    }
    List<Flower> flowers =
        file.toString().endsWith(".json") ? readJson(file, bytes) : readCsv(file, bytes);
    if (flowers.isEmpty()) {
      throw new InvalidDataException(file + " has no rows");
    }
    return new Dataset(file, flowers, digest(bytes));
  }

  private static List<Flower> readCsv(Path file, byte[] bytes) throws InvalidDataException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new InvalidDataException(file + " is not UTF-8 text", e);
    }
    // Spreadsheets write a byte order mark before the header.
    List<String> lines = text.replaceFirst("^\uFEFF", "").lines().toList();
    if (lines.isEmpty()) {
      throw new InvalidDataException(file + " is empty");
    }
    List<String> header = fields(lines.getFirst());
    for (String column : header) {
      if (!isColumn(column) || header.indexOf(column) != header.lastIndexOf(column)) {
        throw new InvalidDataException(
            file
                + ":1: column '"
                + column
                + "' is unknown or duplicated; allowed, once each: "
                + columns());
      }
    }
    List<Flower> flowers = new ArrayList<>(lines.size() - 1);
    for (int l = 1; l < lines.size(); l++) {
      String place = file + ":" + (l + 1);
      List<String> fields = fields(lines.get(l));
      if (fields.size() != header.size()) {
        throw new InvalidDataException(
            "%s: %d fields, the header has %d".formatted(place, fields.size(), header.size()));
      }
      Map<String, String> row = new TreeMap<>();
      for (int c = 0; c < fields.size(); c++) {
        row.put(header.get(c), fields.get(c));
      }
      flowers.add(flower(place, row));
    }
    return flowers;
  }

  private static List<String> fields(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toList();
  }

  private static List<Flower> readJson(Path file, byte[] bytes) throws InvalidDataException {
    List<Flower> flowers = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new InvalidDataException(file + ":1: expected a JSON list of objects");
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        String place =
            "%s:%d: row %d".formatted(file, parser.currentLocation().getLineNr(), flowers.size());
        JsonNode node = JSON.readTree(parser);
        if (node == null || !node.isObject()) {
          throw new InvalidDataException(place + ": expected an object");
        }
        Map<String, String> row = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
          requireType(place, field.getKey(), field.getValue());
          row.put(field.getKey(), field.getValue().asText());
        }
        flowers.add(flower(place, row));
      }
      if (parser.nextToken() != null) {
        throw new InvalidDataException(
            "%s:%d: unexpected text after the list"
                .formatted(file, parser.currentLocation().getLineNr()));
      }
    } catch (JsonProcessingException e) {
      throw new InvalidDataException(
          "%s:%d: %s".formatted(file, line(e), e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new InvalidDataException(file + " cannot be read: " + e, e);
    }
    return flowers;
  }

  private static int line(JsonProcessingException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getLineNr();
  }

  private static void requireType(String place, String column, JsonNode value)
      throws InvalidDataException {
    boolean fits = column.equals(CLASS_NAME) ? value.isTextual() : value.isNumber();
    if (isColumn(column) && !fits) {
      throw new InvalidDataException(
          "%s: %s must be a %s, not %s"
              .formatted(place, column, column.equals(CLASS_NAME) ? "text" : "number", value));
    }
  }

  private static Flower flower(String place, Map<String, String> row) throws InvalidDataException {
    for (String column : row.keySet()) {
      if (!isColumn(column)) {
        throw new InvalidDataException(
            place + ": column '" + column + "' is unknown; allowed: " + columns());
      }
    }
    double[] features = new double[Iris.FEATURES.size()];
    for (int f = 0; f < features.length; f++) {
      features[f] = length(place, Iris.FEATURES.get(f), row);
    }
    return new Flower(features[0], features[1], features[2], features[3], species(place, row));
  }

  private static double length(String place, String column, Map<String, String> row)
      throws InvalidDataException {
    String text = row.get(column);
    if (text == null) {
      throw new InvalidDataException(place + ": " + column + " is missing");
    }
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Rejected below, like NaN.
    }
    throw new InvalidDataException(
        "%s: %s must be a finite number of cm, not '%s'".formatted(place, column, text));
  }

  private static int species(String place, Map<String, String> row) throws InvalidDataException {
    String number = row.get(CLASS);
    String name = row.get(CLASS_NAME);
    if (number == null && name == null) {
      throw new InvalidDataException(place + ": class is missing");
    }
    int byName = name == null ? -1 : Iris.CLASSES.indexOf(name);
    if (name != null && byName < 0) {
      throw new InvalidDataException(
          "%s: class_name must be one of %s, not '%s'".formatted(place, Iris.CLASSES, name));
    }
    if (number == null) {
      return byName;
    }
    int byNumber = List.of("0", "1", "2").indexOf(number);
    if (byNumber < 0) {
      throw new InvalidDataException(place + ": class must be 0, 1 or 2, not '" + number + "'");
    }
    if (name != null && byName != byNumber) {
      throw new InvalidDataException(
          "%s: class %d is %s, class_name says %s"
              .formatted(place, byNumber, Iris.CLASSES.get(byNumber), name));
    }
    return byNumber;
  }

  private static boolean isColumn(String name) {
    return Iris.FEATURES.contains(name) || name.equals(CLASS) || name.equals(CLASS_NAME);
  }

  private static String columns() {
    return Stream.concat(Iris.FEATURES.stream(), Stream.of(CLASS, CLASS_NAME))
        .collect(Collectors.joining(", "));
  }

  static String digest(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
