package io.irisoperator.server.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.stream.Collectors;

/** Gives Micronaut's own errors (404, 405, 413, 415 and so on) the same bodies as ours. */
@Singleton
final class FrameworkErrorProcessor implements ErrorResponseProcessor<Object> {
  private final ErrorBody errorBody;

  FrameworkErrorProcessor(ErrorBody errorBody) {
    this.errorBody = errorBody;
  }

  @Override
  public MutableHttpResponse<Object> processResponse(
      ErrorContext context, MutableHttpResponse<?> response) {
    HttpStatus status = HttpStatus.valueOf(response.code());
    String message =
        context.getErrors().stream().map(Error::getMessage).collect(Collectors.joining("; "));
    return response
        .contentType(MediaType.APPLICATION_JSON_TYPE)
        .body(
            errorBody.of(
                context.getRequest().getPath(),
                status,
                message.isEmpty() ? status.getReason() : message));
  }
}
