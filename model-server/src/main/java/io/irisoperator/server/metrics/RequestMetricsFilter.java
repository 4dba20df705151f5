package io.irisoperator.server.metrics;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/** Counts and times each request, whatever its outcome. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class RequestMetricsFilter implements Ordered {
  private static final String START = "iris.start";

  private final ServerMetrics metrics;
  private final RequestLabels labels;

  RequestMetricsFilter(ServerMetrics metrics, RequestLabels labels) {
    this.metrics = metrics;
    this.labels = labels;
  }

  @RequestFilter
  void start(HttpRequest<?> request) {
    request.setAttribute(START, System.nanoTime());
    metrics.requestStarted();
  }

  @ResponseFilter
  void end(
      HttpRequest<?> request, @Nullable HttpResponse<?> response, @Nullable Throwable failure) {
    long start = request.getAttribute(START, Long.class).orElseGet(System::nanoTime);
    int status = response == null ? 500 : response.code();
    metrics.requestEnded(
        RequestLabels.method(request), labels.endpoint(request), status, System.nanoTime() - start);
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }
}
