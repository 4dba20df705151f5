package io.irisoperator.server.error;

import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.Error;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;
import java.util.stream.Collectors;

/** Gives Micronaut's own refusals (404, 405, 413, 415 and so on) the shape of ours. */
@Singleton
final class ProblemProcessor implements ErrorResponseProcessor<Problem> {
  @Override
  public MutableHttpResponse<Problem> processResponse(
      ErrorContext context, MutableHttpResponse<?> response) {
    String message =
        context.getErrors().stream().map(Error::getMessage).collect(Collectors.joining("; "));
    return response
        .contentType(MediaType.APPLICATION_JSON_TYPE)
        .body(
            new Problem(
                response.code(),
                response.reason(),
                null,
                message.isEmpty() ? response.reason() : message));
  }
}
