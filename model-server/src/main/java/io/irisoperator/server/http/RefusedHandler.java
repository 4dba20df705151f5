package io.irisoperator.server.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/** Answers a {@link RefusedException}. */
@Singleton
final class RefusedHandler implements ExceptionHandler<RefusedException, HttpResponse<Object>> {
  @Override
  @SuppressWarnings("rawtypes")
  public HttpResponse<Object> handle(HttpRequest request, RefusedException e) {
    MutableHttpResponse<Object> answer =
        HttpResponse.status(e.status())
            .body(ErrorBody.of(request.getPath(), e.status(), e.field(), e.getMessage()));
    return e.status() == HttpStatus.SERVICE_UNAVAILABLE
        ? answer.header("Retry-After", "1")
        : answer;
  }
}
