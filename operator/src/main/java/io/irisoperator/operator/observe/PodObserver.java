package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.irisoperator.contract.ModelServerPod;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.rollout.RolloutState.Analyzing;
import io.irisoperator.operator.state.DeploymentState;
import io.irisoperator.operator.state.PodState;
import io.irisoperator.operator.state.PodState.ContainerState;
import io.irisoperator.operator.state.PodState.Termination;
import io.irisoperator.operator.state.RequestStats;
import io.irisoperator.operator.state.ServingState;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the pods of a revision: their state, and what their servers report. */
public final class PodObserver implements AutoCloseable {
  private static final int MAX_TEXT = 500;

  private final WatchedPods watched;
  private final ModelServerClient servers = new ModelServerClient();
  private final RequestWindows windows = new RequestWindows();

  public PodObserver(WatchedPods watched) {
    this.watched = watched;
  }

  /** Reads pods only during a rollout: healthy pods add nothing to their Deployment. */
  ServingState observe(IrisModel resource, IrisModelSpec spec, DeploymentState deployment) {
    Optional<DeploymentState> state = Optional.of(deployment);
    if (!deployment.needsPodInspection(spec.serving().replicas())) {
      windows.reset(resource.getMetadata().getUid());
      return new ServingState(state, List.of(), Optional.empty());
    }
    RolloutState rollout = deployment.rollout().orElseThrow();
    List<Pod> pods = pods(resource, rollout.current());
    // Only one server is queried for its health: each may take two seconds.
    Optional<Pod> unready = pods.stream().filter(pod -> !isReady(pod)).findFirst();
    return new ServingState(
        state,
        pods.stream().map(pod -> state(pod, unready.filter(pod::equals).isPresent())).toList(),
        window(resource, rollout, pods));
  }

  private List<Pod> pods(IrisModel resource, Revision revision) {
    return watched.of(resource).stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(
            pod ->
                pod.getMetadata().getAnnotations() != null
                    && revision
                        .id()
                        .equals(pod.getMetadata().getAnnotations().get(ModelServerPod.REVISION)))
        .toList();
  }

  private Optional<RequestStats> window(IrisModel resource, RolloutState rollout, List<Pod> pods) {
    String irisModel = resource.getMetadata().getUid();
    if (!(rollout instanceof Analyzing)) {
      windows.reset(irisModel);
      return Optional.empty();
    }
    return windows.next(irisModel, rollout.current().id(), servers.requestStats(pods));
  }

  private static boolean isReady(Pod pod) {
    return condition(pod, "Ready").filter(c -> c.getStatus().equals("True")).isPresent();
  }

  private PodState state(Pod pod, boolean withHealth) {
    List<ContainerState> containers =
        pod.getStatus().getContainerStatuses().stream().map(PodObserver::container).toList();
    boolean serverRuns =
        containers.stream().anyMatch(c -> c.name().equals(ModelServerPod.CONTAINER) && c.running());
    return new PodState(
        pod.getMetadata().getName(),
        isReady(pod),
        condition(pod, "PodScheduled")
            .filter(c -> c.getStatus().equals("False"))
            .map(PodCondition::getMessage),
        containers,
        mounts(pod),
        withHealth && serverRuns
            ? servers.healthMessage(pod).map(PodObserver::tail)
            : Optional.empty());
  }

  private static Optional<PodCondition> condition(Pod pod, String type) {
    return pod.getStatus().getConditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst();
  }

  private static ContainerState container(ContainerStatus container) {
    var states =
        Stream.of(container.getState(), container.getLastState()).filter(Objects::nonNull).toList();
    return new ContainerState(
        container.getName(),
        container.getImage(),
        Boolean.TRUE.equals(container.getReady()),
        container.getState() != null && container.getState().getRunning() != null,
        Optional.ofNullable(container.getRestartCount()).orElse(0),
        Optional.ofNullable(container.getState())
            .map(state -> state.getWaiting())
            .map(waiting -> String.valueOf(waiting.getReason())),
        states.stream()
            .map(state -> state.getTerminated())
            .filter(Objects::nonNull)
            .findFirst()
            .map(PodObserver::termination));
  }

  private static Termination termination(ContainerStateTerminated end) {
    return new Termination(
        end.getExitCode(),
        String.valueOf(end.getReason()),
        Optional.ofNullable(end.getMessage()).map(PodObserver::tail));
  }

  private static String tail(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.substring(Math.max(0, line.length() - MAX_TEXT));
  }

  /** What the pod waits for if it does not exist. */
  private static List<String> mounts(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .flatMap(
            volume ->
                Stream.of(
                    Optional.ofNullable(volume.getSecret())
                        .filter(secret -> !Boolean.TRUE.equals(secret.getOptional()))
                        .map(secret -> "Secret " + secret.getSecretName()),
                    Optional.ofNullable(volume.getConfigMap())
                        .filter(map -> !Boolean.TRUE.equals(map.getOptional()))
                        .map(map -> "ConfigMap " + map.getName())))
        .flatMap(Optional::stream)
        .toList();
  }

  @Override
  public void close() {
    servers.close();
  }
}
