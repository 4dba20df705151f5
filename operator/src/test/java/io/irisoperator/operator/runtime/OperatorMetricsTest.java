package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OperatorMetricsTest {
  private final OperatorMetrics metrics = new OperatorMetrics();

  /** As the SDK registers them. */
  @Test
  void describesAndBoundsTheMetersOfTheSdk() {
    for (int retry = 0; retry < 50; retry++) {
      Counter.builder("operator.sdk.reconciliations.started")
          .tag("reconciliations.retries.number", Integer.toString(retry))
          .register(metrics.registry())
          .increment();
    }
    Timer.builder("operator.sdk.controllers.execution.reconcile")
        .publishPercentileHistogram()
        .register(metrics.registry())
        .record(Duration.ofMillis(30));
    String page = metrics.registry().scrape();
    assertThat(page)
        .contains("# HELP operator_sdk_reconciliations_started_total The Java Operator SDK's")
        .contains(
            "operator_sdk_reconciliations_started_total{reconciliations_retries_number=\"0\"} 1.0")
        .contains(
            "operator_sdk_reconciliations_started_total{reconciliations_retries_number=\"1+\"} 49.0")
        .contains("reconcile_seconds_bucket{le=\"0.05\"} 1");
    assertThat(page.lines().filter(line -> line.contains("_seconds_bucket{le="))).hasSize(12);
  }
}
