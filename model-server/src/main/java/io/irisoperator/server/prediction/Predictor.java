package io.irisoperator.server.prediction;

import io.irisoperator.model.Evaluator;
import io.irisoperator.model.ServableModel;
import io.irisoperator.server.http.RefusedException;
import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;

/** Predicts many flowers at a time, and counts them. */
@Singleton
public final class Predictor {
  private final LoadedModel loaded;
  private final ServerMetrics metrics;

  Predictor(LoadedModel loaded, ServerMetrics metrics) {
    this.loaded = loaded;
    this.metrics = metrics;
  }

  /**
   * What came of rows.
   *
   * @param labels the index of each row's predicted class
   * @param probabilities one for each class, row by row
   */
  @SuppressWarnings("ArrayRecordComponent") // Not a value: what an answer is made of.
  public record Predictions(ServableModel model, int[] labels, float[] probabilities) {
    /** The same labels as a list. */
    public List<Integer> labelList() {
      return Arrays.stream(labels).boxed().toList();
    }

    public String className(int row) {
      return model.classNames().get(labels[row]);
    }

    /** The probability of the predicted class. */
    public float confidence(int row) {
      return probabilities[row * model.classNames().size() + labels[row]];
    }
  }

  /**
   * Predicts.
   *
   * @throws RefusedException when no model is loaded yet
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
   * @throws RefusedException when none is loaded yet
   */
  public ServableModel model() {
    return loaded.model().orElseThrow(() -> RefusedException.notReady(loaded.message()));
  }
}
