package io.irisoperator.server.prediction;

import io.irisoperator.model.Evaluator;
import io.irisoperator.model.ServableModel;
import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import jakarta.inject.Singleton;

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
   */
  public Predictions predict(Rows rows) {
    ServableModel model = model();
    int[] labels = new int[rows.count()];
    float[] probabilities = new float[rows.count() * model.classNames().size()];
    new Evaluator(model.forest()).predict(rows.values(), rows.count(), probabilities, labels);
    Predictions predictions = new Predictions(model, labels, probabilities);
    for (int row = 0; row < rows.count(); row++) {
      metrics.predicted(predictions.className(row), predictions.confidence(row));
    }
    return predictions;
  }

  /**
   * The model that predicts.
   *
   * @throws ModelNotReadyException if no model is loaded yet
   */
  public ServableModel model() {
    return loaded.model().orElseThrow(() -> new ModelNotReadyException(loaded.message()));
  }
}
