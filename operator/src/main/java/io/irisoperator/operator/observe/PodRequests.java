package io.irisoperator.operator.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a pod has answered {@code /predict} since it started, or between two looks.
 *
 * @param requests that were answered
 * @param failed of these with a 5xx
 * @param within by seconds: requests that took so long at the most
 */
record PodRequests(double requests, double failed, SortedMap<Double, Double> within) {
  private static final Pattern LINE = Pattern.compile("([a-z_]+)\\{([^}]*)} (\\S+)");
  private static final Pattern LE = Pattern.compile("le=\"([^\"]+)\"");
  private static final Pattern FAILED = Pattern.compile("status=\"5..\"");

  static final PodRequests NONE = new PodRequests(0, 0, new TreeMap<>());

  /**
   * Reads the server's metrics. A pod may serve others than the server's: what is no number is let
   * be.
   *
   * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">the text format</a>
   */
  static PodRequests parse(String metrics) {
    double requests = 0;
    double failed = 0;
    SortedMap<Double, Double> within = new TreeMap<>();
    for (String line : metrics.lines().toList()) {
      Matcher sample = LINE.matcher(line);
      if (!sample.lookingAt() || !sample.group(2).contains("endpoint=\"/predict\"")) {
        continue;
      }
      double value = number(sample.group(3));
      if (Double.isNaN(value)) {
        continue;
      }
      if (sample.group(1).equals("iris_api_requests_total")) {
        requests += value;
        failed += FAILED.matcher(sample.group(2)).find() ? value : 0;
      } else if (sample.group(1).equals("iris_api_request_duration_seconds_bucket")) {
        Matcher le = LE.matcher(sample.group(2));
        double bound = le.find() ? number(le.group(1)) : Double.NaN;
        if (!Double.isNaN(bound)) {
          within.merge(bound, value, Double::sum);
        }
      }
    }
    return new PodRequests(requests, failed, within);
  }

  /** A number as Prometheus writes it, NaN where it is none. */
  private static double number(String text) {
    try {
      return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** What came since an earlier look; all of it where the pod has started anew. */
  PodRequests since(PodRequests before) {
    if (before.requests > requests) {
      return this;
    }
    SortedMap<Double, Double> rest = new TreeMap<>();
    within.forEach(
        (bound, count) -> rest.put(bound, count - before.within.getOrDefault(bound, 0.0)));
    return new PodRequests(requests - before.requests, failed - before.failed, rest);
  }

  PodRequests plus(PodRequests other) {
    SortedMap<Double, Double> sum = new TreeMap<>(within);
    other.within.forEach((bound, count) -> sum.merge(bound, count, Double::sum));
    return new PodRequests(requests + other.requests, failed + other.failed, sum);
  }

  double failedPercent() {
    return requests == 0 ? 0 : 100 * failed / requests;
  }

  /**
   * The 99th percentile of the durations in seconds, as Prometheus' histogram_quantile estimates
   * it; nothing where there are none.
   */
  Optional<Double> p99() {
    List<Map.Entry<Double, Double>> buckets = new ArrayList<>(within.entrySet());
    if (buckets.isEmpty() || buckets.getLast().getValue() <= 0) {
      return Optional.empty();
    }
    double rank = 0.99 * buckets.getLast().getValue();
    double lower = 0;
    double below = 0;
    for (Map.Entry<Double, Double> bucket : buckets) {
      if (bucket.getValue() >= rank) {
        double upper = bucket.getKey();
        return Optional.of(
            Double.isInfinite(upper)
                ? lower
                : lower + (upper - lower) * (rank - below) / (bucket.getValue() - below));
      }
      lower = bucket.getKey();
      below = bucket.getValue();
    }
    return Optional.of(lower);
  }
}
