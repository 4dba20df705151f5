package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** The latest FINISHED run of an experiment. */
public record LatestRun(
    @Required
        @Size(min = 1, max = 200)
        @JsonPropertyDescription("The name of the MLflow experiment.")
        String experiment) {}
