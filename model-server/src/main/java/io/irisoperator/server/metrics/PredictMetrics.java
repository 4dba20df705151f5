package io.irisoperator.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.List;

/**
 * The metrics of {@code POST /predict} on the fast path. They are bound to their labels once, so
 * that counting allocates nothing.
 *
 * @param predictions one counter for each class
 * @param confidence one histogram for each class
 */
public record PredictMetrics(
    CounterDataPoint requests,
    DistributionDataPoint requestSeconds,
    List<CounterDataPoint> predictions,
    List<DistributionDataPoint> confidence) {
  public PredictMetrics {
    predictions = List.copyOf(predictions);
    confidence = List.copyOf(confidence);
  }

  /** Counts a request for one flower that was predicted. */
  public void predicted(int predictedClass, float probability, long nanos) {
    requests.inc();
    requestSeconds.observe(nanos / 1e9);
    predictions.get(predictedClass).inc();
    confidence.get(predictedClass).observe(ServerMetrics.atMostOne(probability));
  }
}
