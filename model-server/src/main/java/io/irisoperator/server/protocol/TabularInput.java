package io.irisoperator.server.protocol;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.Iris;
import io.irisoperator.server.http.RefusedException;
import io.irisoperator.server.prediction.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Flowers as tables of JSON or CSV have them.
 *
 * @see <a
 *     href="https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input">MLflow's
 *     forms</a>
 */
public final class TabularInput {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final List<String> FORMS =
      List.of("dataframe_split", "dataframe_records", "instances", "inputs");
  private static final int FEATURES = Iris.FEATURES.size();

  private TabularInput() {}

  /**
   * Reads one of MLflow's forms.
   *
   * @throws RefusedException saying what is wrong
   */
  public static Rows ofJson(byte[] body) {
    JsonNode json = json(body);
    List<String> forms = FORMS.stream().filter(json::has).toList();
    if (forms.size() != 1) {
      throw RefusedException.badRequest(
          "the body must be a JSON object with one of " + String.join(", ", FORMS));
    }
    JsonNode table = json.get(forms.getFirst());
    if (forms.getFirst().equals("dataframe_split")) {
      return rows(
          table.path("data"), table.has("columns") ? names(table.get("columns")) : Iris.FEATURES);
    }
    return table.isObject() ? columns(table) : rows(table, Iris.FEATURES);
  }

  /**
   * Reads {@code instances}.
   *
   * @throws RefusedException saying what is wrong
   */
  public static Rows ofInstances(byte[] body) {
    JsonNode instances = json(body).path("instances");
    if (instances.isMissingNode()) {
      throw RefusedException.badRequest("the body must be a JSON object with 'instances'");
    }
    return rows(instances, Iris.FEATURES);
  }

  /**
   * Reads CSV with a head of the columns' names.
   *
   * @throws RefusedException saying what is wrong, and in which line
   */
  public static Rows ofCsv(byte[] body) {
    List<String> lines =
        new String(body, StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).toList();
    if (lines.isEmpty()) {
      throw RefusedException.badRequest("the CSV has no line with the names of its columns");
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
      throw RefusedException.notJson(e);
    }
  }

  /** Rows as lists in the order of the columns, or as objects with the columns' names. */
  private static Rows rows(JsonNode rows, List<String> columns) {
    if (!rows.isArray()) {
      throw RefusedException.badRequest("the rows must be a list");
    }
    int[] features = features(columns);
    double[] values = values(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      JsonNode cells = rows.get(row);
      requireCells(row, cells.size());
      if (cells.isObject()) {
        List<String> names = cells.properties().stream().map(Map.Entry::getKey).toList();
        int[] ofNames = features(names);
        for (int cell = 0; cell < FEATURES; cell++) {
          values[row * FEATURES + ofNames[cell]] = number(cells.get(names.get(cell)), row, cell);
        }
      } else {
        for (int cell = 0; cell < FEATURES; cell++) {
          values[row * FEATURES + features[cell]] = number(cells.get(cell), row, cell);
        }
      }
    }
    return new Rows(values, rows.size());
  }

  /** An object with a list for each column. */
  private static Rows columns(JsonNode table) {
    List<String> names = table.properties().stream().map(Map.Entry::getKey).toList();
    int[] features = features(names);
    int count = table.get(names.getFirst()).size();
    requireFew(count);
    double[] values = values(count);
    for (int cell = 0; cell < FEATURES; cell++) {
      JsonNode column = table.get(names.get(cell));
      if (!column.isArray() || column.size() != count) {
        throw RefusedException.badRequest(
            "column '%s' must be a list as long as the first, %d"
                .formatted(names.get(cell), count));
      }
      for (int row = 0; row < count; row++) {
        JsonNode value = column.get(row);
        // MLflow's clients send columns of one dimension or two.
        values[row * FEATURES + features[cell]] =
            number(value.isArray() && value.size() == 1 ? value.get(0) : value, row, cell);
      }
    }
    return new Rows(values, count);
  }

  private static List<String> names(JsonNode columns) {
    if (!columns.isArray()) {
      throw RefusedException.badRequest("'columns' must be a list of names");
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
      throw RefusedException.badRequest(
          "row %d has %d values, there must be %d: %s"
              .formatted(row, cells, FEATURES, String.join(", ", Iris.FEATURES)));
    }
    requireFew(row + 1);
  }

  private static void requireFew(int rows) {
    if (rows > Rows.MAX) {
      throw RefusedException.badRequest("more than %d rows in one request".formatted(Rows.MAX));
    }
  }

  private static double number(JsonNode value, int row, int cell) {
    if (!value.isNumber()) {
      throw notANumber(row, cell);
    }
    return value.doubleValue();
  }

  private static RefusedException notANumber(int row, int cell) {
    return RefusedException.badRequest("value %d of row %d is not a number".formatted(cell, row));
  }

  /** Which feature each column is. They may have scikit-learn's names, or their positions. */
  private static int[] features(List<String> columns) {
    List<String> known = columns.stream().map(TabularInput::featureName).toList();
    if (known.size() != FEATURES || !known.containsAll(Iris.FEATURES)) {
      List<String> positions = IntStream.range(0, FEATURES).mapToObj(Integer::toString).toList();
      if (!columns.equals(positions)) {
        throw RefusedException.badRequest(
            "the columns are %s, they must be %s".formatted(columns, Iris.FEATURES));
      }
      known = Iris.FEATURES;
    }
    return known.stream().mapToInt(Iris.FEATURES::indexOf).toArray();
  }

  /** {@code "sepal length (cm)"} is {@code sepal_length}. */
  private static String featureName(String column) {
    return column
        .strip()
        .replaceAll("^\"|\"$", "")
        .replace("(cm)", "")
        .strip()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[ .-]", "_");
  }
}
