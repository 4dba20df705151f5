package io.irisoperator.model;

import java.util.List;
import java.util.stream.LongStream;

/**
 * The labels of a model's classes, in the order of its probabilities: what its label output has.
 */
public sealed interface ClassLabels {
  /** Integers, such as scikit-learn's 0, 1, 2. */
  record Int64(List<Long> values) implements ClassLabels {
    public Int64 {
      values = List.copyOf(values);
    }
  }

  /** Text, such as names of species. */
  record Text(List<String> values) implements ClassLabels {
    public Text {
      values = List.copyOf(values);
    }
  }

  /** The integers from 0. */
  static ClassLabels positions(int count) {
    return new Int64(LongStream.range(0, count).boxed().toList());
  }

  List<?> values();

  default int count() {
    return values().size();
  }
}
