package io.irisoperator.server.security;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.http.ErrorBody;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.List;
import java.util.Optional;

/**
 * Lets in who has a token, where tokens are asked for. The pages that describe the API hold no data
 * and are for all; probes and Prometheus have a port of their own, and nothing else is there.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class AuthenticationFilter implements Ordered {
  private static final List<String> FOR_ALL = List.of("/docs", "/redoc", "/openapi.json");
  private static final List<String> MANAGEMENT =
      List.of("/health", "/metrics", "/v2/health", "/ping");

  private final Tokens tokens;
  private final Optional<Integer> managementPort;

  AuthenticationFilter(Tokens tokens, ServerConfig config) {
    this.tokens = tokens;
    this.managementPort = config.managementPort();
  }

  @RequestFilter
  @Nullable
  HttpResponse<?> check(HttpRequest<?> request) {
    String path = request.getPath();
    int port = request.getServerAddress().getPort();
    if (managementPort.isPresent() && managementPort.get() == port) {
      return isBelow(MANAGEMENT, path)
          ? null
          : refusal(path, HttpStatus.NOT_FOUND, "this port has probes and metrics only");
    }
    if (isBelow(FOR_ALL, path)
        || tokens.allow(request.getHeaders().get(HttpHeaders.AUTHORIZATION))) {
      return null;
    }
    return refusal(
        path,
        HttpStatus.UNAUTHORIZED,
        "send the header 'Authorization: Bearer …' with a token that is let in");
  }

  private static boolean isBelow(List<String> paths, String path) {
    return paths.stream().anyMatch(p -> path.equals(p) || path.startsWith(p + "/"));
  }

  private static HttpResponse<?> refusal(String path, HttpStatus status, String message) {
    var answer =
        HttpResponse.status(status).body(ErrorBody.of(path, status, Optional.empty(), message));
    return status == HttpStatus.UNAUTHORIZED
        ? answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"iris\"")
        : answer;
  }

  @Override
  public int getOrder() {
    // Inside what counts and names requests: a refusal is one.
    return HIGHEST_PRECEDENCE + 2;
  }
}
