package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.Duration;
import java.util.Locale;

/** Limits for the metrics of new pods. */
@ValidationRule(
    value = "!has(self.duration) || self.duration.matches('^[0-9]{1,4}[smh]$')",
    fieldPath = ".duration",
    message =
        "rollout.analysis.duration must be a number followed by s, m or h, such as 2m; 0s disables the analysis")
public record AnalysisSpec(
    @Default(DEFAULT_DURATION)
        @Size(max = 5)
        @JsonPropertyDescription(
            "How long the new pods are analyzed once all are ready, such as 2m; 0s disables the analysis.")
        String duration,
    @Default("" + DEFAULT_MAX_ERROR_RATE_PERCENT)
        @Min(0)
        @Max(99)
        @JsonPropertyDescription(
            "The maximum percentage of requests to /predict answered with a 5xx.")
        Integer maxErrorRatePercent,
    @Default("" + DEFAULT_MAX_LATENCY_P99_MILLISECONDS)
        @Min(1)
        @Max(900)
        @JsonPropertyDescription("The maximum p99 latency of /predict in milliseconds.")
        Integer maxLatencyP99Milliseconds) {
  private static final String DEFAULT_DURATION = "2m";
  private static final int DEFAULT_MAX_ERROR_RATE_PERCENT = 5;
  private static final int DEFAULT_MAX_LATENCY_P99_MILLISECONDS = 200;

  static final AnalysisSpec DEFAULT = new AnalysisSpec(null, null, null);

  public AnalysisSpec {
    duration = duration == null ? DEFAULT_DURATION : duration;
    maxErrorRatePercent =
        maxErrorRatePercent == null ? DEFAULT_MAX_ERROR_RATE_PERCENT : maxErrorRatePercent;
    maxLatencyP99Milliseconds =
        maxLatencyP99Milliseconds == null
            ? DEFAULT_MAX_LATENCY_P99_MILLISECONDS
            : maxLatencyP99Milliseconds;
  }

  /** The duration as a value. */
  @JsonIgnore
  public Duration time() {
    return Duration.parse("PT" + duration.toUpperCase(Locale.ROOT));
  }
}
