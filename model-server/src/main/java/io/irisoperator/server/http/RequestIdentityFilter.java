package io.irisoperator.server.http;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.ServerConfig.LoggedRequests;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Adds the request ID to each response, and logs requests. */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class RequestIdentityFilter implements Ordered {
  private static final Logger LOG = LoggerFactory.getLogger("requests");
  private static final String IDENTITY = "iris.request-identity";
  private static final int MAX_PATH = 200;
  private static final int FAILED = 400;

  private final LoggedRequests logged;

  RequestIdentityFilter(ServerConfig config) {
    this.logged = config.loggedRequests();
  }

  @RequestFilter
  void identify(HttpRequest<?> request) {
    request.setAttribute(IDENTITY, RequestIdentity.of(request.getHeaders()::get));
  }

  @ResponseFilter
  void answer(
      HttpRequest<?> request,
      @Nullable MutableHttpResponse<?> response,
      @Nullable Throwable failure) {
    RequestIdentity identity =
        request
            .getAttribute(IDENTITY, RequestIdentity.class)
            .orElseGet(() -> RequestIdentity.of(request.getHeaders()::get));
    int status = response == null ? 500 : response.code();
    if (response != null) {
      response.header(RequestIdentity.HEADER, identity.id());
    }
    if (logged == LoggedRequests.ALL || (logged == LoggedRequests.FAILED && status >= FAILED)) {
      log(request, identity, status);
    }
  }

  private static void log(HttpRequest<?> request, RequestIdentity identity, int status) {
    // Without the query, which may contain secrets.
    String path = request.getPath();
    String shown = path.length() <= MAX_PATH ? path : path.substring(0, MAX_PATH) + "…";
    // The JSON log format reads its fields from the MDC. The thread is shared: restore it.
    Map<String, String> before = Objects.requireNonNullElseGet(MDC.getCopyOfContextMap(), Map::of);
    try {
      MDC.put("http.request.id", identity.id());
      MDC.put("http.request.method", request.getMethodName());
      MDC.put("url.path", shown);
      MDC.put("http.response.status_code", Integer.toString(status));
      identity.traceId().ifPresent(id -> MDC.put("trace.id", id));
      LOG.info("{} {} answered {}", request.getMethodName(), shown, status);
    } finally {
      MDC.setContextMap(before);
    }
  }

  @Override
  public int getOrder() {
    // After RequestMetricsFilter.
    return HIGHEST_PRECEDENCE + 1;
  }
}
