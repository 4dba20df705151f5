package io.irisoperator.forest;

/** A model file that cannot be served. The message names the file and what is wrong in it. */
public final class BrokenModelException extends Exception {
  private static final long serialVersionUID = 1L;

  public BrokenModelException(String message) {
    super(message);
  }

  public BrokenModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
