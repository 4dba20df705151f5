package io.irisoperator.operator.state;

import io.irisoperator.contract.ModelServerMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The requests to {@code /predict} that a pod answered since it started, or in a window.
 *
 * @param requests the number of requests
 * @param failed how many of them were answered with a 5xx
 * @param latencyBuckets by upper bound in seconds: how many took at most that long
 */
public record RequestStats(
    double requests, double failed, SortedMap<Double, Double> latencyBuckets) {
  private static final Pattern LINE = Pattern.compile("([a-z_]+)\\{([^}]*)} (\\S+)");
  private static final String PREDICT =
      "%s=\"%s\"".formatted(ModelServerMetrics.ENDPOINT, ModelServerMetrics.PREDICT);
  private static final String DURATION_BUCKET = ModelServerMetrics.REQUEST_DURATION + "_bucket";
  private static final Pattern LE = Pattern.compile("le=\"([^\"]+)\"");
  private static final Pattern FAILED = Pattern.compile(ModelServerMetrics.STATUS + "=\"5..\"");

  public static final RequestStats EMPTY = new RequestStats(0, 0, new TreeMap<>());

  /**
   * Reads a server's metrics. A pod may expose others, too: values that are not numbers are
   * ignored.
   *
   * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">the text format</a>
   */
  public static RequestStats parse(String metrics) {
    double requests = 0;
    double failed = 0;
    SortedMap<Double, Double> latencyBuckets = new TreeMap<>();
    for (String line : metrics.lines().toList()) {
      Matcher sample = LINE.matcher(line);
      if (!sample.lookingAt() || !sample.group(2).contains(PREDICT)) {
        continue;
      }
      double value = number(sample.group(3));
      if (Double.isNaN(value)) {
        continue;
      }
      if (sample.group(1).equals(ModelServerMetrics.REQUESTS)) {
        requests += value;
        failed += FAILED.matcher(sample.group(2)).find() ? value : 0;
      } else if (sample.group(1).equals(DURATION_BUCKET)) {
        Matcher le = LE.matcher(sample.group(2));
        double bound = le.find() ? number(le.group(1)) : Double.NaN;
        if (!Double.isNaN(bound)) {
          latencyBuckets.merge(bound, value, Double::sum);
        }
      }
    }
    return new RequestStats(requests, failed, latencyBuckets);
  }

  /** A number as Prometheus writes it; NaN if it is not one. */
  private static double number(String text) {
    try {
      return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** What was added since an earlier poll; everything if the pod was restarted. */
  public RequestStats minus(RequestStats before) {
    if (before.requests > requests) {
      return this;
    }
    SortedMap<Double, Double> rest = new TreeMap<>();
    latencyBuckets.forEach(
        (bound, count) -> rest.put(bound, count - before.latencyBuckets.getOrDefault(bound, 0.0)));
    return new RequestStats(requests - before.requests, failed - before.failed, rest);
  }

  public RequestStats plus(RequestStats other) {
    SortedMap<Double, Double> sum = new TreeMap<>(latencyBuckets);
    other.latencyBuckets.forEach((bound, count) -> sum.merge(bound, count, Double::sum));
    return new RequestStats(requests + other.requests, failed + other.failed, sum);
  }

  public double failedPercent() {
    return requests == 0 ? 0 : 100 * failed / requests;
  }

  /**
   * The 99th percentile of the durations in seconds, as Prometheus' histogram_quantile estimates
   * it; empty if there are no requests.
   */
  public Optional<Double> p99() {
    List<Map.Entry<Double, Double>> buckets = new ArrayList<>(latencyBuckets.entrySet());
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
