package io.irisoperator.operator.observe;

import java.util.Optional;

/**
 * How the pods of the current revision are doing, beyond what the Deployment tells.
 *
 * @param crashing why a pod does not stay up; nothing while all do
 * @param waiting why a pod is not ready; nothing when all are
 * @param unfit what their metrics have against them
 */
public record PodsState(
    Optional<String> crashing, Optional<String> waiting, Optional<String> unfit) {
  public static final PodsState WELL =
      new PodsState(Optional.empty(), Optional.empty(), Optional.empty());
}
