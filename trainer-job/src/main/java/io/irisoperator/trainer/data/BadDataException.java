package io.irisoperator.trainer.data;

/**
 * Data that cannot be trained on. The message names the file and, where there is one, the line or
 * row.
 */
public final class BadDataException extends Exception {
  private static final long serialVersionUID = 1L;

  public BadDataException(String message) {
    super(message);
  }

  public BadDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
