package io.irisoperator.server.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/** Security headers of the documentation pages: no foreign content, no framing. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class PageHeaders {
  /** Both viewers use inline styles; ReDoc searches in a worker that it creates from a blob. */
  private static final String POLICY =
      "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

  @ResponseFilter
  void add(HttpRequest<?> request, MutableHttpResponse<?> response) {
    // The decoded path, by which files are found: a filter's pattern matches the encoded one.
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
