package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A model that was served before. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HistoryEntry(
    @JsonPropertyDescription("The model.") PinnedModel model,
    @JsonPropertyDescription("When its rollout started.") String deployedAt,
    @JsonPropertyDescription("When another model replaced it.") String replacedAt,
    @JsonPropertyDescription(
            "Why another model replaced it: Superseded, RolledBack or RollbackRequested.")
        ReplacementReason reason,
    @JsonPropertyDescription("Human-readable details.") String message) {}
