package io.irisoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.api.IrisModelSpec;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RequestAnalysisTest {
  private static final IrisModelSpec.Analysis ALLOWED = new IrisModelSpec.Analysis("2m", 5, 200);

  private final RequestAnalysis analysis = new RequestAnalysis();

  /**
   * A pod's metrics after so many requests.
   *
   * @param slow of them took between 250 and 500 ms, the others less than 1 ms
   */
  private static PodRequests after(int requests, int failed, int slow) {
    return PodRequests.parse(
        """
        # TYPE iris_api_requests_total counter
        iris_api_requests_total{endpoint="/predict",method="POST",status="200"} %d.0
        iris_api_requests_total{endpoint="/predict",method="POST",status="503"} %d
        iris_api_requests_total{endpoint="/health/ready",method="GET",status="503"} 1.0E9
        iris_api_request_duration_seconds_bucket{endpoint="/predict",le="0.001"} %d
        iris_api_request_duration_seconds_bucket{endpoint="/predict",le="0.25"} %d
        iris_api_request_duration_seconds_bucket{endpoint="/predict",le="0.5"} %d
        iris_api_request_duration_seconds_bucket{endpoint="/predict",le="+Inf"} %d
        iris_api_request_duration_seconds_count{endpoint="/predict"} 1
        iris_api_request_duration_seconds_sum{endpoint="/predict"} 4.2E-4
        """
            .formatted(
                requests - failed, failed, requests - slow, requests - slow, requests, requests));
  }

  private Optional<String> look(PodRequests pod) {
    return analysis.look("iris", "1", Map.of("pod", pod), ALLOWED);
  }

  @Test
  void goodAnswersAreGood() {
    for (int look = 1; look < 10; look++) {
      assertThat(look(after(look * 1000, look * 10, look * 5))).isEmpty();
    }
  }

  @Test
  void failuresInTwoWindowsInARowAreTooMuch() {
    assertThat(look(after(100, 100, 0))).as("a first look has nothing to compare with").isEmpty();
    assertThat(look(after(1100, 160, 0))).as("one window may be the machine's").isEmpty();
    assertThat(look(after(2100, 220, 0)))
        .contains(
            "of 1000 predictions 6.0 % were answered with a 5xx, allowed are 5 % (rollout.analysis.errorRatePercent)");
  }

  @Test
  void aGoodWindowInBetweenForgivesTheOneBefore() {
    look(after(100, 0, 0));
    look(after(1100, 500, 0));
    assertThat(look(after(2100, 500, 0))).isEmpty();
    assertThat(look(after(3100, 1000, 0))).isEmpty();
  }

  @Test
  void slownessInTwoWindowsInARowIsTooMuch() {
    look(after(100, 0, 100));
    assertThat(look(after(1100, 0, 120))).isEmpty();
    assertThat(look(after(2100, 0, 140)))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .startsWith("the 99th percentile of /predict is ")
                    .endsWith("ms, allowed are 200 ms (rollout.analysis.latencyP99Milliseconds)"));
  }

  @Test
  void aHandfulOfRequestsSaysNothingUntilThereAreMore() {
    look(after(0, 0, 0));
    for (int look = 1; look < 10; look++) {
      assertThat(look(after(look, look, 0))).isEmpty();
    }
    assertThat(look(after(30, 30, 0))).isEmpty();
    assertThat(look(after(60, 60, 0))).isPresent();
  }

  @Test
  void aPodThatStartedAnewIsCountedFromItsStart() {
    look(after(1000, 0, 0));
    assertThat(after(50, 50, 0).since(after(1000, 0, 0)).failedPercent()).isEqualTo(100);
  }

  /** A pod of an image of one's own may serve anything. */
  @Test
  void whatIsNoNumberIsLetBe() {
    PodRequests read =
        PodRequests.parse(
            """
            iris_api_requests_total{endpoint="/predict",status="200"} many
            iris_api_requests_total{endpoint="/predict",status="200"} 7
            iris_api_request_duration_seconds_bucket{endpoint="/predict",le="soon"} 7
            iris_api_request_duration_seconds_bucket{endpoint="/predict",le="5.0E-5"} 7
            iris_api_requests_total{endpoint="/predict"}
            """);
    assertThat(read.requests()).isEqualTo(7);
    assertThat(read.within()).containsOnlyKeys(5.0E-5);
  }

  @Test
  void theEstimateIsPrometheus() {
    // 990 of 1000 within 0.001 s: the rank 990 is that bucket's last.
    assertThat(after(1000, 0, 10).p99()).contains(0.001);
    assertThat(after(1000, 0, 1000).p99().orElseThrow()).isBetween(0.49, 0.5);
    assertThat(PodRequests.NONE.p99()).isEmpty();
  }
}
