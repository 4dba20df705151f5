package io.irisoperator.server.prediction;

import io.irisoperator.server.model.ServedModel;
import java.util.Arrays;
import java.util.List;

/**
 * The predictions for some rows.
 *
 * @param model the model that predicted
 * @param labels the index of each row's predicted class
 * @param probabilities the probability of each class, row by row
 */
@SuppressWarnings("ArrayRecordComponent") // The content of a response, never compared.
public record Predictions(ServedModel model, int[] labels, float[] probabilities) {
  /** The label of each row, as the model has it: an integer or text. */
  public List<Object> labelValues() {
    List<?> values = model.schema().labels().values();
    return Arrays.stream(labels).<Object>mapToObj(values::get).toList();
  }

  /** Whether a model had an answer: far from its training data some divide by zero. */
  public static boolean areFinite(float[] probabilities) {
    boolean finite = true;
    for (float probability : probabilities) {
      finite &= Float.isFinite(probability);
    }
    return finite;
  }

  /** The name of a row's predicted class. */
  public String className(int row) {
    return model.schema().classNames().get(labels[row]);
  }

  /** The probability of a row's predicted class. */
  public float confidence(int row) {
    return probabilities[row * model.schema().classCount() + labels[row]];
  }
}
