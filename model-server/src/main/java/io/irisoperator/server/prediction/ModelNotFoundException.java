package io.irisoperator.server.prediction;

/** The request names a model, or a version of a model, that is not served. */
public final class ModelNotFoundException extends PredictionException {
  private static final long serialVersionUID = 1L;

  public ModelNotFoundException(String message) {
    super(message);
  }
}
