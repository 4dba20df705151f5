package io.irisoperator.server.health;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.model.LoadedModel;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;

/** {@code GET /health} for people, {@code /health/live} and {@code /health/ready} for probes. */
@Controller("/health")
final class HealthController {
  private final Health health;
  private final LoadedModel loaded;
  private final ServerConfig config;

  HealthController(Health health, LoadedModel loaded, ServerConfig config) {
    this.health = health;
    this.loaded = loaded;
    this.config = config;
  }

  @Get
  HttpResponse<HealthReport> health() {
    boolean ready = health.ready();
    return HttpResponse.<HealthReport>status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(
            new HealthReport(
                ready ? "healthy" : "unhealthy",
                loaded.model().isPresent(),
                config.runId(),
                config.modelVersion(),
                config.modelDigest(),
                health.message()));
  }

  @Get("/live")
  HttpResponse<Probe> live() {
    return HttpResponse.ok(new Probe("alive"));
  }

  @Get("/ready")
  HttpResponse<Probe> ready() {
    return HttpResponse.<Probe>status(
            health.ready() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(new Probe(health.message()));
  }
}
