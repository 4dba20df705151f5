package io.irisoperator.server.error;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/** Answers a {@link BadFieldException}. */
@Singleton
final class BadFieldHandler implements ExceptionHandler<BadFieldException, HttpResponse<Problem>> {
  @Override
  @SuppressWarnings("rawtypes")
  public HttpResponse<Problem> handle(HttpRequest request, BadFieldException e) {
    return HttpResponse.<Problem>status(e.status())
        .body(
            new Problem(
                e.status().getCode(),
                e.status().getReason(),
                e.field().orElse(null),
                e.getMessage()));
  }
}
