package io.irisoperator.operator.decide;

import io.irisoperator.operator.state.PodState;
import io.irisoperator.operator.state.PodState.ContainerState;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The health of the current revision's pods, beyond what the status of the Deployment reports.
 *
 * @param crashLoop why a pod does not keep running
 * @param notReady why a pod is not ready
 */
public record PodHealth(Optional<String> crashLoop, Optional<String> notReady) {
  /** After the second end of a container, another restart will not help. */
  private static final int MAX_RESTARTS = 1;

  /** Judges pods. */
  public static PodHealth of(List<PodState> pods) {
    return new PodHealth(
        pods.stream().flatMap(PodHealth::crashLoop).findFirst(),
        pods.stream()
            .filter(pod -> !pod.ready())
            .map(pod -> "pod " + pod.name() + " " + whyNotReady(pod))
            .findFirst());
  }

  private static Stream<String> crashLoop(PodState pod) {
    return pod.containers().stream()
        .filter(c -> c.restarts() > MAX_RESTARTS && !c.ready())
        .map(c -> "pod %s is crash-looping: %s".formatted(pod.name(), lastEnd(c)));
  }

  private static String lastEnd(ContainerState container) {
    return container
        .termination()
        .map(
            end ->
                "container %s exited with code %d (%s)%s"
                    .formatted(
                        container.name(),
                        end.exitCode(),
                        end.reason(),
                        end.message().map(text -> ": " + text).orElse("")))
        .orElseGet(() -> "container " + container.name() + " was restarted");
  }

  private static String whyNotReady(PodState pod) {
    if (pod.unschedulable().isPresent()) {
      return "cannot be scheduled: " + pod.unschedulable().get();
    }
    return pod.containers().stream()
        .filter(c -> c.waiting().isPresent())
        .findFirst()
        .map(c -> waiting(pod, c, c.waiting().orElseThrow()))
        .orElseGet(() -> "is not ready" + pod.health().map(text -> ": " + text).orElse(""));
  }

  /** Without counts and back-off times, which would change the message at every poll. */
  private static String waiting(PodState pod, ContainerState container, String reason) {
    return switch (reason) {
      case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull" ->
          "cannot pull image " + container.image();
      case "CrashLoopBackOff" -> "is crash-looping: " + lastEnd(container);
      default ->
          "is not ready: container %s is waiting: %s%s"
              .formatted(container.name(), reason, mounts(pod));
    };
  }

  /** Only the kubelet's events name the one that does not exist. */
  private static String mounts(PodState pod) {
    return pod.mounts().isEmpty()
        ? ""
        : "; check that %s exist".formatted(String.join(", ", pod.mounts()));
  }
}
