package io.irisoperator.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.evaluation.Scores;
import io.irisoperator.model.Iris;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report's files, by artifact path. */
public final class Report {
  private static final JsonMapper JSON = new JsonMapper();

  private Report() {}

  /**
   * Creates the files.
   *
   * @param test the scores on the test rows
   * @param importances by feature
   */
  public static Map<String, String> files(Scores test, List<Double> importances) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int f = 0; f < importances.size(); f++) {
      named.put(Iris.FEATURES.get(f), importances.get(f));
    }
    Map<String, String> files = new LinkedHashMap<>();
    files.put("confusion_matrix.svg", ConfusionMatrix.svg(test.confusion()));
    files.put(
        "confusion_matrix.json",
        json(Map.of("classes", Iris.CLASSES, "rows_by_true_then_predicted", test.confusion())));
    files.put("feature_importances.svg", FeatureImportances.svg(importances));
    files.put("feature_importances.json", json(named));
    return files;
  }

  private static String json(Object value) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("lists and maps of numbers and text are always JSON", e);
    }
  }
}
