package io.irisoperator.operator.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestStatsTest {

  /**
   * The metrics of a pod after so many requests.
   *
   * @param slow how many took between 250 and 500 ms; the others took less than 1 ms
   */
  private static RequestStats after(int requests, int failed, int slow) {
    return RequestStats.parse(
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

  @Test
  void readsRequestsToPredictOnly() {
    assertThat(after(1000, 60, 0).requests()).isEqualTo(1000);
    assertThat(after(1000, 60, 0).failedPercent()).isEqualTo(6);
  }

  @Test
  void countsFromTheStartOfARestartedPod() {
    assertThat(after(50, 50, 0).minus(after(1000, 0, 0)).failedPercent()).isEqualTo(100);
  }

  /** A pod of a custom image may expose anything. */
  @Test
  void ignoresSamplesThatAreNotNumbers() {
    RequestStats read =
        RequestStats.parse(
            """
            iris_api_requests_total{endpoint="/predict",status="200"} many
            iris_api_requests_total{endpoint="/predict",status="200"} 7
            iris_api_request_duration_seconds_bucket{endpoint="/predict",le="soon"} 7
            iris_api_request_duration_seconds_bucket{endpoint="/predict",le="5.0E-5"} 7
            iris_api_requests_total{endpoint="/predict"}
            """);
    assertThat(read.requests()).isEqualTo(7);
    assertThat(read.latencyBuckets()).containsOnlyKeys(5.0E-5);
  }

  @Test
  void estimatesThePercentileAsPrometheusDoes() {
    // 990 of 1000 within 0.001 s: rank 990 is the last of that bucket.
    assertThat(after(1000, 0, 10).p99()).contains(0.001);
    assertThat(after(1000, 0, 1000).p99().orElseThrow()).isBetween(0.49, 0.5);
    assertThat(RequestStats.EMPTY.p99()).isEmpty();
  }
}
