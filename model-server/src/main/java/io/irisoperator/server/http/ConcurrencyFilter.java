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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Turns requests away where too many are under way: each may hold a body in memory. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class ConcurrencyFilter implements Ordered {
  private static final String COUNTED = "iris.counted";

  private final int most;
  private final AtomicInteger underWay = new AtomicInteger();

  ConcurrencyFilter(ServerConfig config) {
    this.most = config.maxConcurrentRequests();
  }

  @RequestFilter
  @Nullable
  HttpResponse<?> enter(HttpRequest<?> request) {
    // Who asks how the server is must hear it.
    if (request.getPath().startsWith("/health")) {
      return null;
    }
    if (underWay.incrementAndGet() <= most) {
      request.setAttribute(COUNTED, true);
      return null;
    }
    // Of a filter that answers itself the other half is not called.
    underWay.decrementAndGet();
    HttpStatus status = HttpStatus.SERVICE_UNAVAILABLE;
    return HttpResponse.status(status)
        .header("Retry-After", "1")
        .body(
            ErrorBody.of(
                request.getPath(),
                status,
                Optional.empty(),
                "%d requests are under way, and no more at a time: try again".formatted(most)));
  }

  @ResponseFilter
  void leave(HttpRequest<?> request) {
    if (request.removeAttribute(COUNTED, Boolean.class).isPresent()) {
      underWay.decrementAndGet();
    }
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE + 3;
  }
}
