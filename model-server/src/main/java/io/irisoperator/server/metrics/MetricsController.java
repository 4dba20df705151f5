package io.irisoperator.server.metrics;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.swagger.v3.oas.annotations.Operation;
import java.util.Optional;

/** {@code GET /metrics}. */
@Controller
final class MetricsController {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry;

  MetricsController(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @Get("/metrics")
  @Produces({TEXT, OPEN_METRICS, "*/*"})
  @ExecuteOn(TaskExecutors.BLOCKING)
  @Operation(
      summary = "Metrics for Prometheus",
      description = "Text format, or OpenMetrics where that is accepted.")
  HttpResponse<String> metrics(@Header("Accept") @Nullable String accept) {
    boolean open = Optional.ofNullable(accept).orElse("").contains("application/openmetrics-text");
    String type = open ? OPEN_METRICS : TEXT;
    return HttpResponse.ok(registry.scrape(type)).header("Content-Type", type);
  }
}
