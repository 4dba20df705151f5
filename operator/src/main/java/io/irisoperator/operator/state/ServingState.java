package io.irisoperator.operator.state;

import java.util.List;
import java.util.Optional;

/**
 * The pods that serve.
 *
 * @param deployment their Deployment, if it exists
 * @param pods the pods of the current revision; none if they need no inspection
 * @param window what they answered since the last window, if enough; only during an analysis
 */
public record ServingState(
    Optional<DeploymentState> deployment, List<PodState> pods, Optional<RequestStats> window) {
  /** Before there is a Deployment. */
  public static final ServingState NONE =
      new ServingState(Optional.empty(), List.of(), Optional.empty());

  public ServingState {
    pods = List.copyOf(pods);
  }
}
