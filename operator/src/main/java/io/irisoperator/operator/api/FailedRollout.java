package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A model that was rolled back. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record FailedRollout(
    @JsonPropertyDescription("The MLflow run ID.") String runId,
    @JsonPropertyDescription("The digest of the model folder.") String digest,
    @JsonPropertyDescription("Why it was rolled back.") String message,
    @JsonPropertyDescription("When it was rolled back.") String time) {}
