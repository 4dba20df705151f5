package io.irisoperator.operator.state;

import java.util.List;
import java.util.Optional;

/**
 * A pod of the current revision.
 *
 * @param unschedulable why it cannot be scheduled, if it cannot
 * @param mounts the Secrets and ConfigMaps that it mounts, such as {@code Secret clients}
 * @param health what its server reports in /health while it is not ready
 */
public record PodState(
    String name,
    boolean ready,
    Optional<String> unschedulable,
    List<ContainerState> containers,
    List<String> mounts,
    Optional<String> health) {
  public PodState {
    containers = List.copyOf(containers);
    mounts = List.copyOf(mounts);
  }

  /**
   * A container of a pod.
   *
   * @param waiting the reason why it waits, if it does
   * @param termination how it ended last, if it did
   */
  public record ContainerState(
      String name,
      String image,
      boolean ready,
      boolean running,
      int restarts,
      Optional<String> waiting,
      Optional<Termination> termination) {}

  /** The end of a container. */
  public record Termination(int exitCode, String reason, Optional<String> message) {}
}
