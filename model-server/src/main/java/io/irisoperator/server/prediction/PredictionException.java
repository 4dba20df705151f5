package io.irisoperator.server.prediction;

/**
 * A request that cannot be predicted. Each front end maps the subtypes to its own status codes:
 * HTTP statuses, for example, or gRPC codes.
 */
public abstract sealed class PredictionException extends RuntimeException
    permits InvalidInputException, ModelNotFoundException, ModelNotReadyException {
  private static final long serialVersionUID = 1L;

  PredictionException(String message) {
    // No stack trace: it would show where a client's mistake was found, which helps no one.
    super(message, null, false, false);
  }
}
