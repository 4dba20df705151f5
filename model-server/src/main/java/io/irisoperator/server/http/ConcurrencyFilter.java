package io.irisoperator.server.http;

import io.irisoperator.server.ServerConfig;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.concurrent.atomic.AtomicInteger;

/** Rejects requests above the limit of concurrent ones: each may hold a body in memory. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class ConcurrencyFilter implements Ordered {
  private static final String COUNTED = "iris.counted";

  private final int limit;
  private final ErrorBody errorBody;
  private final AtomicInteger inFlight = new AtomicInteger();

  ConcurrencyFilter(ServerConfig config, ErrorBody errorBody) {
    this.limit = config.limits().maxConcurrentRequests();
    this.errorBody = errorBody;
  }

  @RequestFilter
  @Nullable
  HttpResponse<?> enter(HttpRequest<?> request) {
    // A busy server still answers its probes.
    if (request.getPath().startsWith("/health")) {
      return null;
    }
    if (inFlight.incrementAndGet() <= limit) {
      request.setAttribute(COUNTED, true);
      return null;
    }
    // The response filter is not called for a request that this filter rejects.
    inFlight.decrementAndGet();
    HttpStatus status = HttpStatus.SERVICE_UNAVAILABLE;
    return HttpResponse.status(status)
        .header("Retry-After", "1")
        .body(
            errorBody.of(
                request.getPath(),
                status,
                "too many concurrent requests (limit %d); retry later".formatted(limit)));
  }

  @ResponseFilter
  void leave(HttpRequest<?> request) {
    if (request.removeAttribute(COUNTED, Boolean.class).isPresent()) {
      inFlight.decrementAndGet();
    }
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE + 3;
  }
}
