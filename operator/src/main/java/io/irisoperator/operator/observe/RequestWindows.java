package io.irisoperator.operator.observe;

import io.irisoperator.operator.state.RequestStats;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What pods answered between two polls, so that the first answers of a cold JVM do not count. A
 * window is reported once it has enough requests. The baselines are lost with the process; the next
 * window starts then. Thread-safe for different IrisModels.
 */
final class RequestWindows {
  /** A percentage of fewer requests says nothing. */
  private static final int MIN_REQUESTS = 20;

  private record Baseline(String revision, Map<String, RequestStats> pods) {}

  /** By the uid of the IrisModel. */
  private final Map<String, Baseline> baselines = new ConcurrentHashMap<>();

  /**
   * The window since the last one.
   *
   * @param irisModel its uid
   * @param now the totals of each pod
   */
  Optional<RequestStats> next(String irisModel, String revision, Map<String, RequestStats> now) {
    Baseline baseline =
        Optional.ofNullable(baselines.get(irisModel))
            .filter(b -> b.revision.equals(revision))
            .orElseGet(() -> new Baseline(revision, Map.of()));
    RequestStats window =
        now.entrySet().stream()
            .filter(pod -> baseline.pods.containsKey(pod.getKey()))
            .map(pod -> pod.getValue().minus(baseline.pods.get(pod.getKey())))
            .reduce(RequestStats.EMPTY, RequestStats::plus);
    boolean enough = window.requests() >= MIN_REQUESTS;
    if (enough || !baseline.pods.keySet().containsAll(now.keySet())) {
      baselines.put(irisModel, new Baseline(revision, Map.copyOf(now)));
    }
    return enough ? Optional.of(window) : Optional.empty();
  }

  /** Forgets the baseline; the next window has nothing to compare with. */
  void reset(String irisModel) {
    baselines.remove(irisModel);
  }
}
