package io.irisoperator.server.health;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.serde.annotation.Serdeable;

/** The response to {@code GET /health}. */
@Serdeable
record HealthReport(
    String status,
    @JsonProperty("model_loaded") boolean modelLoaded,
    @JsonProperty("run_id") String runId,
    @JsonProperty("model_version") String modelVersion,
    String digest,
    String message) {}
