package io.irisoperator.server.protocol;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.Iris;
import io.irisoperator.server.prediction.InvalidInputException;
import io.irisoperator.server.prediction.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reads rows from the JSON and CSV tables that MLflow and KServe clients send.
 *
 * @see <a
 *     href="https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input">MLflow's
 *     JSON formats</a>
 */
public final class TabularInput {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final List<String> FORMATS =
      List.of("dataframe_split", "dataframe_records", "instances", "inputs");
  private static final int FEATURES = Iris.FEATURES.size();

  private TabularInput() {}

  /**
   * Reads one of MLflow's JSON formats.
   *
   * @throws InvalidInputException if the body has another format
   */
  public static Rows ofMlflowJson(byte[] body) {
    JsonNode json = json(body);
    List<String> formats = FORMATS.stream().filter(json::has).toList();
    if (formats.size() != 1) {
      throw new InvalidInputException(
          "the body must be a JSON object with one of " + String.join(", ", FORMATS));
    }
    JsonNode table = json.get(formats.getFirst());
    if (formats.getFirst().equals("dataframe_split")) {
      return rows(
          table.path("data"), table.has("columns") ? names(table.get("columns")) : Iris.FEATURES);
    }
    return table.isObject() ? columns(table) : rows(table, Iris.FEATURES);
  }

  /**
   * Reads KServe's {@code instances}.
   *
   * @throws InvalidInputException if the body has another format
   */
  public static Rows ofInstances(byte[] body) {
    JsonNode instances = json(body).path("instances");
    if (instances.isMissingNode()) {
      throw new InvalidInputException("the body must be a JSON object with 'instances'");
    }
    return rows(instances, Iris.FEATURES);
  }

  /**
   * Reads CSV with a header line.
   *
   * @throws InvalidInputException if the body has another format
   */
  public static Rows ofCsv(byte[] body) {
    List<String> lines =
        new String(body, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) {
      throw new InvalidInputException("the CSV body has no header line with the column names");
    }
    int[] features = features(List.of(lines.getFirst().split(",", -1)));
    double[] values = values(lines.size() - 1);
    for (int row = 0; row + 1 < lines.size(); row++) {
      String[] cells = lines.get(row + 1).split(",", -1);
      requireCells(row, cells.length);
      for (int cell = 0; cell < FEATURES; cell++) {
        try {
          values[row * FEATURES + features[cell]] = Double.parseDouble(cells[cell].strip());
        } catch (NumberFormatException e) {
          throw notANumber(row, cell);
        }
      }
    }
    return new Rows(values, lines.size() - 1);
  }

  private static JsonNode json(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw MalformedJson.of(e);
    }
  }

  /** Reads rows that are lists in the order of the columns, or objects with the columns' names. */
  private static Rows rows(JsonNode rows, List<String> columns) {
    if (!rows.isArray()) {
      throw new InvalidInputException("the rows must be a list");
    }
    int[] features = features(columns);
    double[] values = values(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      JsonNode cells = rows.get(row);
      requireCells(row, cells.size());
      if (cells.isObject()) {
        List<String> names = cells.properties().stream().map(Map.Entry::getKey).toList();
        int[] featuresOfRow = features(names);
        for (int cell = 0; cell < FEATURES; cell++) {
          values[row * FEATURES + featuresOfRow[cell]] =
              number(cells.get(names.get(cell)), row, cell);
        }
      } else {
        for (int cell = 0; cell < FEATURES; cell++) {
          values[row * FEATURES + features[cell]] = number(cells.get(cell), row, cell);
        }
      }
    }
    return new Rows(values, rows.size());
  }

  /** Reads an object with one list for each column. */
  private static Rows columns(JsonNode table) {
    List<String> names = table.properties().stream().map(Map.Entry::getKey).toList();
    int[] features = features(names);
    int count = table.get(names.getFirst()).size();
    requireWithinLimit(count);
    double[] values = values(count);
    for (int cell = 0; cell < FEATURES; cell++) {
      JsonNode column = table.get(names.get(cell));
      if (!column.isArray() || column.size() != count) {
        throw new InvalidInputException(
            "column '%s' must be a list of %d values, like the first column"
                .formatted(names.get(cell), count));
      }
      for (int row = 0; row < count; row++) {
        JsonNode value = column.get(row);
        // MLflow's clients send columns as [n] or [n, 1].
        values[row * FEATURES + features[cell]] =
            number(value.isArray() && value.size() == 1 ? value.get(0) : value, row, cell);
      }
    }
    return new Rows(values, count);
  }

  private static List<String> names(JsonNode columns) {
    if (!columns.isArray()) {
      throw new InvalidInputException("'columns' must be a list of names");
    }
    List<String> names = new ArrayList<>();
    columns.forEach(name -> names.add(name.asText()));
    return names;
  }

  private static double[] values(int rows) {
    return new double[Math.min(rows, Rows.MAX + 1) * FEATURES];
  }

  private static void requireCells(int row, int cells) {
    if (cells != FEATURES) {
      throw new InvalidInputException(
          "row %d has %d values, want %d: %s"
              .formatted(row, cells, FEATURES, String.join(", ", Iris.FEATURES)));
    }
    requireWithinLimit(row + 1);
  }

  private static void requireWithinLimit(int rows) {
    if (rows > Rows.MAX) {
      throw new InvalidInputException("the request has more than %d rows".formatted(Rows.MAX));
    }
  }

  private static double number(JsonNode value, int row, int cell) {
    if (!value.isNumber()) {
      throw notANumber(row, cell);
    }
    return value.doubleValue();
  }

  private static InvalidInputException notANumber(int row, int cell) {
    return new InvalidInputException("value %d of row %d is not a number".formatted(cell, row));
  }

  /**
   * The index of each column's feature. Columns may have our names, scikit-learn's, or their
   * positions as names.
   */
  private static int[] features(List<String> columns) {
    List<Integer> features =
        columns.stream().flatMap(column -> featureIndex(column).stream()).distinct().toList();
    if (columns.size() == FEATURES && features.size() == FEATURES) {
      return features.stream().mapToInt(Integer::intValue).toArray();
    }
    if (columns.equals(IntStream.range(0, FEATURES).mapToObj(Integer::toString).toList())) {
      return IntStream.range(0, FEATURES).toArray();
    }
    throw new InvalidInputException(
        "the columns are %s, want %s".formatted(columns, Iris.FEATURES));
  }

  /** CSV has quotes around names with a comma. */
  private static Optional<Integer> featureIndex(String column) {
    return Iris.featureIndex(column.replace("\"", ""));
  }
}
