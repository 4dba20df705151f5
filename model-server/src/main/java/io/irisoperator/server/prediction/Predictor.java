package io.irisoperator.server.prediction;

import io.irisoperator.model.Iris;
import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import io.irisoperator.server.model.ServedModel;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;

/** Predicts a batch of rows and counts the predictions. */
@Singleton
public final class Predictor {
  private final LoadedModel loaded;
  private final ServerMetrics metrics;

  Predictor(LoadedModel loaded, ServerMetrics metrics) {
    this.loaded = loaded;
    this.metrics = metrics;
  }

  /**
   * Predicts.
   *
   * @throws ModelNotReadyException if no model is loaded yet
   * @throws InvalidInputException if the model has no answer for a row
   */
  public Predictions predict(Rows rows) {
    ServedModel model = model();
    requireIntegers(rows, model.integers());
    int[] labels = new int[rows.count()];
    float[] probabilities = new float[rows.count() * model.schema().classCount()];
    model.classifier().predict(rows.values(), rows.count(), probabilities, labels);
    requireProbabilities(probabilities, model.schema().classCount());
    Predictions predictions = new Predictions(model, labels, probabilities);
    for (int row = 0; row < rows.count(); row++) {
      metrics.predicted(predictions.className(row), predictions.confidence(row));
      if (!model.isInRange(rows.values(), row * Iris.FEATURES.size())) {
        metrics.outOfRange();
      }
    }
    return predictions;
  }

  private static void requireIntegers(Rows rows, List<Integer> integers) {
    for (int feature : integers) {
      for (int row = 0; row < rows.count(); row++) {
        double value = rows.values()[row * Iris.FEATURES.size() + feature];
        if (value != Math.rint(value)) {
          throw new InvalidInputException(
              "%s of row %d must be an integer, as the model was exported with an input of int64"
                  .formatted(Iris.FEATURES.get(feature), row));
        }
      }
    }
  }

  private static void requireProbabilities(float[] probabilities, int classes) {
    if (Predictions.areFinite(probabilities)) {
      return;
    }
    int row = 0;
    while (Predictions.areFinite(
        Arrays.copyOfRange(probabilities, row * classes, (row + 1) * classes))) {
      row++;
    }
    throw new InvalidInputException(
        "the model has no answer for row %d, which is far from its training data".formatted(row));
  }

  /**
   * The model that predicts.
   *
   * @throws ModelNotReadyException if no model is loaded yet
   */
  public ServedModel model() {
    return loaded.model().orElseThrow(() -> new ModelNotReadyException(loaded.message()));
  }
}
