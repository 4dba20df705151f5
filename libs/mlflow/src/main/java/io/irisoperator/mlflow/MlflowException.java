package io.irisoperator.mlflow;

/** MLflow did not do what was asked. The message names the URL and what was said. */
public final class MlflowException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why a call failed. */
  public enum Reason {
    /** No answer, or one from something that is not working: trying again later may help. */
    UNREACHABLE,
    /** There is no such run, experiment or artifact. */
    NOT_FOUND,
    /** MLflow understood and said no. */
    REFUSED
  }

  private final Reason reason;

  public MlflowException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public MlflowException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
