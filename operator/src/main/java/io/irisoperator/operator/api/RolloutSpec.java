package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;

/** How new models and new pods are rolled out. */
public record RolloutSpec(
    @Default("" + DEFAULT_PROGRESS_DEADLINE_SECONDS)
        @Min(10)
        @Max(3600)
        @JsonPropertyDescription(
            "Seconds that a new pod may take to become ready before the rollout is rolled back.")
        Integer progressDeadlineSeconds,
    @Default("{}")
        @JsonPropertyDescription(
            "Limits that the metrics of the new pods must meet after a rollout; otherwise it is rolled back.")
        AnalysisSpec analysis,
    @Size(min = 1, max = 100)
        @JsonPropertyDescription(
            "A run ID or a digest from status.history to serve instead of spec.model, until this field is removed.")
        String rollbackTo,
    @Default("" + DEFAULT_REVISION_HISTORY_LIMIT)
        @Min(1)
        @Max(50)
        @JsonPropertyDescription(
            "The maximum number of entries in status.history. Only models in the history can be rolled back to.")
        Integer revisionHistoryLimit) {
  private static final int DEFAULT_PROGRESS_DEADLINE_SECONDS = 120;
  private static final int DEFAULT_REVISION_HISTORY_LIMIT = 10;

  static final RolloutSpec DEFAULT = new RolloutSpec(null, null, null, null);

  public RolloutSpec {
    progressDeadlineSeconds =
        progressDeadlineSeconds == null
            ? DEFAULT_PROGRESS_DEADLINE_SECONDS
            : progressDeadlineSeconds;
    analysis = analysis == null ? AnalysisSpec.DEFAULT : analysis;
    revisionHistoryLimit =
        revisionHistoryLimit == null ? DEFAULT_REVISION_HISTORY_LIMIT : revisionHistoryLimit;
  }
}
