package io.irisoperator.server.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/** What browsers are told of the pages: they load nothing from elsewhere, and sit in no frame. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class PageHeaders {
  /** Both viewers style inline; ReDoc searches in a worker that it makes itself. */
  private static final String POLICY =
      "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

  @ResponseFilter
  void add(HttpRequest<?> request, MutableHttpResponse<?> response) {
    // As files are found by it, decoded; a filter's pattern is matched with the path as it was
    // sent.
    String path = request.getUri().getPath();
    if (path == null || !(path.startsWith("/docs") || path.startsWith("/redoc"))) {
      return;
    }
    response
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Frame-Options", "DENY")
        .header("Referrer-Policy", "no-referrer");
  }
}
