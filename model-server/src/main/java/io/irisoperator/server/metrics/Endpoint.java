package io.irisoperator.server.metrics;

import java.util.Set;

/** A request's endpoint as a label: bounded, whatever is asked for. */
final class Endpoint {
  private static final Set<String> PATHS =
      Set.of(
          "/",
          "/predict",
          "/health",
          "/health/live",
          "/health/ready",
          "/metrics",
          "/docs",
          "/redoc",
          "/openapi.json");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private Endpoint() {}

  static String of(String path) {
    if (PATHS.contains(path)) {
      return path;
    }
    if (path.startsWith("/docs/")) {
      return "/docs";
    }
    return path.startsWith("/redoc/") ? "/redoc" : "unmatched";
  }

  static String method(String name) {
    return METHODS.contains(name) ? name : "OTHER";
  }
}
