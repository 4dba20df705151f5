package io.irisoperator.server.health;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

/** The answer of {@code GET /health}. */
@Serdeable
@Schema(description = "Whether a verified model is loaded, which one, and if not, why")
record HealthReport(
    @Schema(example = "healthy") String status,
    @JsonProperty("model_loaded") boolean modelLoaded,
    @JsonProperty("run_id") String runId,
    @JsonProperty("model_version") String modelVersion,
    String digest,
    String message) {}
