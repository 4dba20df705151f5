package io.irisoperator.server.health;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.model.LoadedModel;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;

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
  @Operation(summary = "Whether a verified model is loaded, and which")
  @ApiResponse(
      responseCode = "200",
      description = "Healthy",
      content =
          @Content(
              mediaType = "application/json",
              schema = @Schema(implementation = HealthReport.class)))
  @ApiResponse(
      responseCode = "503",
      description = "Unhealthy: the message says why",
      content =
          @Content(
              mediaType = "application/json",
              schema = @Schema(implementation = HealthReport.class)))
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
  @Operation(summary = "200 as long as the process can answer")
  HttpResponse<Probe> live() {
    return HttpResponse.ok(new Probe("alive"));
  }

  @Get("/ready")
  @Operation(summary = "200 when predictions are answered")
  @ApiResponse(responseCode = "200", description = "Ready")
  @ApiResponse(responseCode = "503", description = "Not ready: the message says why")
  HttpResponse<Probe> ready() {
    return HttpResponse.<Probe>status(
            health.ready() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(new Probe(health.message()));
  }
}
