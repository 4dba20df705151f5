package io.irisoperator.server.metrics;

import io.micronaut.context.BeanProvider;
import io.micronaut.http.BasicHttpAttributes;
import io.micronaut.http.HttpRequest;
import io.micronaut.web.router.Router;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The labels of a request. The number of their values is bounded, whatever clients request. */
@Singleton
final class RequestLabels {
  /** The endpoint of requests that match no route. */
  private static final String UNMATCHED = "unmatched";

  /** Static pages, which have no route. */
  private static final List<String> PAGES = List.of("/docs", "/redoc");

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /** The pattern of a variable: {@code {name:[a-z]+}} is {@code {name}} in labels. */
  private static final Pattern VARIABLE_PATTERN = Pattern.compile(":[^}/]+}");

  private final BeanProvider<Router> router;

  RequestLabels(BeanProvider<Router> router) {
    // Provided late, because the router depends on the filters that use this class.
    this.router = router;
  }

  /** The template of the request's route, for example {@code /v2/models/{name}}. */
  String endpoint(HttpRequest<?> request) {
    return BasicHttpAttributes.getUriTemplate(request)
        .or(() -> templateForOtherRequests(request))
        .map(template -> VARIABLE_PATTERN.matcher(template).replaceAll("}"))
        .or(() -> page(request.getPath()))
        .orElse(UNMATCHED);
  }

  /** A route whose method or content type differs, because the request has no route then. */
  private Optional<String> templateForOtherRequests(HttpRequest<?> request) {
    return router.get().findAny(request).stream()
        .findFirst()
        .map(match -> match.getRouteInfo().getUriMatchTemplate().toString());
  }

  private static Optional<String> page(String path) {
    return PAGES.stream().filter(p -> path.equals(p) || path.startsWith(p + "/")).findFirst();
  }

  /** The request's method, or {@code OTHER}. */
  static String method(HttpRequest<?> request) {
    String name = request.getMethodName();
    return METHODS.contains(name) ? name : "OTHER";
  }
}
