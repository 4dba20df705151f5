package io.irisoperator.evaluation.data;

/**
 * Data that cannot be used. The message names the file and, if one is at fault, the line or row.
 */
public final class InvalidDataException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidDataException(String message) {
    super(message);
  }

  public InvalidDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
