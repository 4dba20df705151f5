package io.irisoperator.server.prediction;

/** No model is loaded yet. Clients should retry soon. */
public final class ModelNotReadyException extends PredictionException {
  private static final long serialVersionUID = 1L;

  public ModelNotReadyException(String message) {
    super(message);
  }
}
