package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The state of a training. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainingStatus(
    @Required @JsonPropertyDescription("What started the training: Request or Schedule.")
        TrainingTrigger trigger,
    @JsonPropertyDescription("The text of the request.") String request,
    @JsonPropertyDescription("The name of the Job.") String job,
    @JsonPropertyDescription("The MLflow run ID of the training.") String runId,
    @JsonPropertyDescription("Pending, Running, Succeeded or Failed.") TrainingPhase phase,
    @JsonPropertyDescription("When the Job started.") String startTime,
    @JsonPropertyDescription("When the Job finished.") String completionTime,
    @JsonPropertyDescription("How long the Job took.") String duration,
    @JsonPropertyDescription("The number of trees built so far, such as 57/100.") String treesBuilt,
    // The client sends an empty map as null, and the API server refuses the status for it.
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("The scores of the trained model.")
        Map<String, Double> metrics,
    @JsonPropertyDescription("Human-readable details.") String message) {

  public TrainingStatus {
    metrics =
        metrics == null
            ? Collections.emptySortedMap()
            : Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
  }
}
