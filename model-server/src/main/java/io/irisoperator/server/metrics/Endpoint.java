package io.irisoperator.server.metrics;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
          "/openapi.json",
          "/invocations",
          "/ping",
          "/version",
          "/v1/models",
          "/v2",
          "/v2/health/live",
          "/v2/health/ready");

  /** Models' names and versions are not for labels: there is one. */
  private static final List<Template> TEMPLATES =
      Stream.of(
              "/v1/models/{name}",
              "/v1/models/{name}:predict",
              "/v2/models/{name}",
              "/v2/models/{name}/ready",
              "/v2/models/{name}/infer",
              "/v2/models/{name}/versions/{version}",
              "/v2/models/{name}/versions/{version}/ready",
              "/v2/models/{name}/versions/{version}/infer")
          .map(Template::of)
          .toList();

  private record Template(String text, Pattern pattern) {
    static Template of(String text) {
      return new Template(text, Pattern.compile(text.replaceAll("\\{\\w+}", "[^/:]+")));
    }
  }

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private Endpoint() {}

  /** Of a path as it was asked for; the router forgives one slash at its end. */
  static String of(String asked) {
    String path =
        asked.length() > 1 && asked.endsWith("/") ? asked.substring(0, asked.length() - 1) : asked;
    if (PATHS.contains(path)) {
      return path;
    }
    if (path.startsWith("/docs/")) {
      return "/docs";
    }
    if (path.startsWith("/redoc/")) {
      return "/redoc";
    }
    return path.startsWith("/v")
        ? TEMPLATES.stream()
            .filter(template -> template.pattern().matcher(path).matches())
            .map(Template::text)
            .findFirst()
            .orElse("unmatched")
        : "unmatched";
  }

  static String method(String name) {
    return METHODS.contains(name) ? name : "OTHER";
  }
}
