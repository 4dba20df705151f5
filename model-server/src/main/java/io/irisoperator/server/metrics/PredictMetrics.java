package io.irisoperator.server.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.List;

/**
 * What an answered {@code POST /predict} counts in, looked up once for all of them.
 *
 * @param predictions by class
 * @param confidence by class
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

  /** One flower was predicted, in a request of its own. */
  public void answered(int predictedClass, float probability, long nanos) {
    requests.inc();
    requestSeconds.observe(nanos / 1e9);
    predictions.get(predictedClass).inc();
    confidence.get(predictedClass).observe(ServerMetrics.atMostOne(probability));
  }
}
