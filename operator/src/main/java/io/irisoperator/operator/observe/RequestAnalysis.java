package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.IrisModelSpec;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Judges new pods by what they answered between two looks, so that a cold JVM's first answers do
 * not count. Two windows in a row must be bad: one may be the machine's. Forgets with the process,
 * and begins anew then. Thread-safe for different IrisModels.
 */
final class RequestAnalysis {
  /** Fewer requests say nothing about a percentage. */
  private static final int LEAST = 20;

  private static final int BAD_WINDOWS = 2;

  private record Watch(String revision, Map<String, PodRequests> before, int bad) {}

  /** By the IrisModel's uid. */
  private final Map<String, Watch> watches = new ConcurrentHashMap<>();

  /**
   * Takes another look.
   *
   * @param irisModel its uid
   * @param now by pod
   * @return what there is against the pods
   */
  Optional<String> look(
      String irisModel,
      String revision,
      Map<String, PodRequests> now,
      IrisModelSpec.Analysis allowed) {
    Watch watch =
        Optional.ofNullable(watches.get(irisModel))
            .filter(w -> w.revision.equals(revision))
            .orElseGet(() -> new Watch(revision, Map.of(), 0));
    PodRequests window =
        now.entrySet().stream()
            .filter(pod -> watch.before.containsKey(pod.getKey()))
            .map(pod -> pod.getValue().since(watch.before.get(pod.getKey())))
            .reduce(PodRequests.NONE, PodRequests::plus);
    if (window.requests() < LEAST && watch.before.keySet().containsAll(now.keySet())) {
      return Optional.empty();
    }
    Optional<String> objection =
        window.requests() < LEAST ? Optional.empty() : against(window, allowed);
    int bad = objection.isPresent() ? watch.bad + 1 : 0;
    watches.put(irisModel, new Watch(revision, Map.copyOf(now), bad));
    return objection.filter(o -> bad >= BAD_WINDOWS);
  }

  /** The pods are not watched any more: what comes later is compared with nothing before. */
  void forget(String irisModel) {
    watches.remove(irisModel);
  }

  private static Optional<String> against(PodRequests window, IrisModelSpec.Analysis allowed) {
    if (window.failedPercent() > allowed.errorRatePercent()) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "of %.0f predictions %.1f %% were answered with a 5xx, allowed are %d %% (rollout.analysis.errorRatePercent)",
              window.requests(),
              window.failedPercent(),
              allowed.errorRatePercent()));
    }
    return window
        .p99()
        .filter(seconds -> seconds * 1000 > allowed.latencyP99Milliseconds())
        .map(
            seconds ->
                String.format(
                    Locale.ROOT,
                    "the 99th percentile of /predict is %.0f ms, allowed are %d ms (rollout.analysis.latencyP99Milliseconds)",
                    seconds * 1000,
                    allowed.latencyP99Milliseconds()));
  }
}
