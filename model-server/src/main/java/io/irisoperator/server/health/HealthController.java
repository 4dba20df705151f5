package io.irisoperator.server.health;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.model.LoadedModel;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;

/**
 * {@code GET /health} for humans; {@code /health/live} and {@code /health/ready} for Kubernetes
 * probes.
 */
@Controller("/health")
final class HealthController {
  private final Health health;
  private final LoadedModel loaded;
  private final ServerConfig.Model model;

  HealthController(Health health, LoadedModel loaded, ServerConfig config) {
    this.health = health;
    this.loaded = loaded;
    this.model = config.model();
  }

  @Get
  HttpResponse<HealthReport> health() {
    boolean ready = health.ready();
    return HttpResponse.<HealthReport>status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(
            new HealthReport(
                ready ? "healthy" : "unhealthy",
                loaded.model().isPresent(),
                model.runId(),
                model.registeredVersion().orElse(""),
                model.digest(),
                health.message()));
  }

  @Get("/live")
  HttpResponse<ProbeReport> live() {
    return HttpResponse.ok(new ProbeReport("alive"));
  }

  @Get("/ready")
  HttpResponse<ProbeReport> ready() {
    return HttpResponse.<ProbeReport>status(
            health.ready() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(new ProbeReport(health.message()));
  }
}
