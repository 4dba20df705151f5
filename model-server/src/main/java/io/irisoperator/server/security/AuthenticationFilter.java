package io.irisoperator.server.security;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.http.ErrorBody;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import java.util.Optional;

/**
 * Requires a bearer token, if tokens are configured. The API documentation contains no data and is
 * public. The management port serves probes and metrics only, without tokens.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class AuthenticationFilter implements Ordered {
  private static final List<String> PUBLIC = List.of("/docs", "/redoc", "/openapi.json");
  private static final List<String> MANAGEMENT =
      List.of("/health", "/metrics", "/v2/health", "/ping");

  private final Tokens tokens;
  private final Optional<Integer> managementPort;
  private final ErrorBody errorBody;

  AuthenticationFilter(Tokens tokens, ServerConfig config, ErrorBody errorBody) {
    this.tokens = tokens;
    this.managementPort = config.listener().managementPort();
    this.errorBody = errorBody;
  }

  @RequestFilter
  @Nullable
  HttpResponse<?> check(HttpRequest<?> request) {
    String path = request.getPath();
    int port = request.getServerAddress().getPort();
    if (managementPort.isPresent() && managementPort.get() == port) {
      return isBelow(MANAGEMENT, path)
          ? null
          : error(path, HttpStatus.NOT_FOUND, "this port serves probes and metrics only");
    }
    if (isBelow(PUBLIC, path)
        || tokens.allow(request.getHeaders().get(HttpHeaders.AUTHORIZATION))) {
      return null;
    }
    return error(
            path,
            HttpStatus.UNAUTHORIZED,
            "send the header 'Authorization: Bearer …' with an allowed token")
        .header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"iris\"");
  }

  private static boolean isBelow(List<String> paths, String path) {
    return paths.stream().anyMatch(p -> path.equals(p) || path.startsWith(p + "/"));
  }

  private MutableHttpResponse<?> error(String path, HttpStatus status, String message) {
    return HttpResponse.status(status).body(errorBody.of(path, status, message));
  }

  @Override
  public int getOrder() {
    // After the filters that count requests and add their IDs: rejected requests count too.
    return HIGHEST_PRECEDENCE + 2;
  }
}
