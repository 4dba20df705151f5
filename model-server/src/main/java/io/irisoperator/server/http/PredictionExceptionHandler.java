package io.irisoperator.server.http;

import io.irisoperator.server.prediction.InvalidInputException;
import io.irisoperator.server.prediction.ModelNotFoundException;
import io.irisoperator.server.prediction.ModelNotReadyException;
import io.irisoperator.server.prediction.PredictionException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Maps the exceptions of the prediction core to HTTP statuses. */
@Singleton
final class PredictionExceptionHandler
    implements ExceptionHandler<PredictionException, HttpResponse<Object>> {
  private final ErrorBody errorBody;

  PredictionExceptionHandler(ErrorBody errorBody) {
    this.errorBody = errorBody;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public HttpResponse<Object> handle(HttpRequest request, PredictionException e) {
    String path = request.getPath();
    return switch (e) {
      case InvalidInputException invalid ->
          error(
              path,
              invalid.field().isPresent()
                  ? HttpStatus.UNPROCESSABLE_ENTITY
                  : HttpStatus.BAD_REQUEST,
              invalid.field(),
              e);
      case ModelNotFoundException _ -> error(path, HttpStatus.NOT_FOUND, Optional.empty(), e);
      case ModelNotReadyException _ ->
          error(path, HttpStatus.SERVICE_UNAVAILABLE, Optional.empty(), e)
              .header("Retry-After", "1");
    };
  }

  private MutableHttpResponse<Object> error(
      String path, HttpStatus status, Optional<String> field, PredictionException e) {
    return HttpResponse.status(status).body(errorBody.of(path, status, field, e.getMessage()));
  }
}
