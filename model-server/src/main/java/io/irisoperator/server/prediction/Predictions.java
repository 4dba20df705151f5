package io.irisoperator.server.prediction;

import io.irisoperator.model.ServableModel;
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
public record Predictions(ServableModel model, int[] labels, float[] probabilities) {
  /** The labels as a list. */
  public List<Integer> labelList() {
    return Arrays.stream(labels).boxed().toList();
  }

  /** The name of a row's predicted class. */
  public String className(int row) {
    return model.classNames().get(labels[row]);
  }

  /** The probability of a row's predicted class. */
  public float confidence(int row) {
    return probabilities[row * model.classNames().size() + labels[row]];
  }
}
