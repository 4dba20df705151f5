package io.irisoperator.server.prediction;

import java.util.Optional;

/** The input is malformed, or a value in it is not allowed. */
public final class InvalidInputException extends PredictionException {
  private static final long serialVersionUID = 1L;

  private final String field;

  /** The input as a whole is invalid, or its protocol does not report fields. */
  public InvalidInputException(String message) {
    this("", message);
  }

  /** One field is invalid. */
  public InvalidInputException(String field, String message) {
    super(message);
    this.field = field;
  }

  /** The invalid field, for example {@code sepal_length} or {@code [2].sepal_length}. */
  public Optional<String> field() {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
