package io.irisoperator.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.api.AnalysisSpec;
import io.irisoperator.operator.state.RequestStats;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RolloutAnalysisTest {
  private static final AnalysisSpec LIMITS = new AnalysisSpec("2m", 5, 200);

  @Test
  void acceptsAWindowWithinTheLimits() {
    assertThat(RolloutAnalysis.violation(new RequestStats(1000, 50, new TreeMap<>()), LIMITS))
        .isEmpty();
  }

  @Test
  void namesTheErrorRate() {
    assertThat(RolloutAnalysis.violation(new RequestStats(1000, 60, new TreeMap<>()), LIMITS))
        .contains(
            "the error rate of 1000 requests to /predict is 6.0 %, more than rollout.analysis.maxErrorRatePercent (5 %)");
  }

  @Test
  void namesTheLatency() {
    TreeMap<Double, Double> buckets =
        new TreeMap<>(Map.of(.25, 980.0, .5, 1000.0, Double.POSITIVE_INFINITY, 1000.0));
    assertThat(RolloutAnalysis.violation(new RequestStats(1000, 0, buckets), LIMITS))
        .contains(
            "the p99 latency of /predict is 375 ms, more than rollout.analysis.maxLatencyP99Milliseconds (200 ms)");
  }
}
