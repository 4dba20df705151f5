package io.irisoperator.model;

/** A model file that cannot be served. The message names the file and what is wrong in it. */
public final class InvalidModelException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
