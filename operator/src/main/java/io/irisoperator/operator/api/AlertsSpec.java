package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** When the alerts of a model fire. */
@ValidationRule(
    // "for" is a reserved word of CEL, escaped as Kubernetes does.
    value = "!has(self.__for__) || self.__for__.matches('^[0-9]{1,4}[smh]$')",
    fieldPath = ".for",
    message = "monitoring.alerts.for must be a number followed by s, m or h, such as 10m")
public record AlertsSpec(
    @Default(DEFAULT_FOR)
        @Size(max = 5)
        @JsonProperty("for")
        @JsonPropertyDescription(
            "How long a condition must hold before its alert fires, such as 10m. The alerts of failed trainings and rollouts fire at once.")
        String forDuration,
    @Default("" + DEFAULT_MAX_ERROR_RATE_PERCENT)
        @Min(1)
        @Max(99)
        @JsonPropertyDescription(
            "The maximum percentage of requests to /predict answered with a 5xx.")
        Integer maxErrorRatePercent,
    @Default("" + DEFAULT_MAX_LATENCY_P99_MILLISECONDS)
        @Min(1)
        @Max(900)
        @JsonPropertyDescription("The maximum p99 latency of /predict in milliseconds.")
        Integer maxLatencyP99Milliseconds,
    @Default("" + DEFAULT_MAX_CONFIDENCE_DROP_PERCENT)
        @Min(1)
        @Max(99)
        @JsonPropertyDescription(
            "The maximum drop of the median confidence, the last hour against the last week, in percent.")
        Integer maxConfidenceDropPercent,
    @Default("" + DEFAULT_MAX_MODEL_AGE_DAYS)
        @Min(1)
        @Max(3650)
        @JsonPropertyDescription("The maximum age of the model in days, from the end of its run.")
        Integer maxModelAgeDays) {
  private static final String DEFAULT_FOR = "10m";
  private static final int DEFAULT_MAX_ERROR_RATE_PERCENT = 5;
  private static final int DEFAULT_MAX_LATENCY_P99_MILLISECONDS = 100;
  private static final int DEFAULT_MAX_CONFIDENCE_DROP_PERCENT = 10;
  private static final int DEFAULT_MAX_MODEL_AGE_DAYS = 90;

  static final AlertsSpec DEFAULT = new AlertsSpec(null, null, null, null, null);

  public AlertsSpec {
    forDuration = forDuration == null ? DEFAULT_FOR : forDuration;
    maxErrorRatePercent =
        maxErrorRatePercent == null ? DEFAULT_MAX_ERROR_RATE_PERCENT : maxErrorRatePercent;
    maxLatencyP99Milliseconds =
        maxLatencyP99Milliseconds == null
            ? DEFAULT_MAX_LATENCY_P99_MILLISECONDS
            : maxLatencyP99Milliseconds;
    maxConfidenceDropPercent =
        maxConfidenceDropPercent == null
            ? DEFAULT_MAX_CONFIDENCE_DROP_PERCENT
            : maxConfidenceDropPercent;
    maxModelAgeDays = maxModelAgeDays == null ? DEFAULT_MAX_MODEL_AGE_DAYS : maxModelAgeDays;
  }
}
