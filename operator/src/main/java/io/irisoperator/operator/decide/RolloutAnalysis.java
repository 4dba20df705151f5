package io.irisoperator.operator.decide;

import io.irisoperator.operator.api.AnalysisSpec;
import io.irisoperator.operator.state.RequestStats;
import java.util.Locale;
import java.util.Optional;

/** Compares what new pods answered in a window with the limits of the spec. */
public final class RolloutAnalysis {
  /** One window over a limit may be the machine's fault. */
  static final int MAX_FAILED_WINDOWS = 1;

  private RolloutAnalysis() {}

  /** Which limit a window exceeds, if any. */
  public static Optional<String> violation(RequestStats window, AnalysisSpec limits) {
    if (window.failedPercent() > limits.maxErrorRatePercent()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "the error rate of %.0f requests to /predict is %.1f %%, more than rollout.analysis.maxErrorRatePercent (%d %%)",
              window.requests(),
              window.failedPercent(),
              limits.maxErrorRatePercent()));
    }
    return window
        .p99()
        .map(seconds -> seconds * 1000)
        .filter(milliseconds -> milliseconds > limits.maxLatencyP99Milliseconds())
        .map(
            milliseconds ->
                String.format(
                    Locale.ROOT,
                    "the p99 latency of /predict is %.0f ms, more than rollout.analysis.maxLatencyP99Milliseconds (%d ms)",
                    milliseconds,
                    limits.maxLatencyP99Milliseconds()));
  }
}
