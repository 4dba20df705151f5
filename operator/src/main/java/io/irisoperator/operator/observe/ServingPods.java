package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.rollout.Revision;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Looks at the pods of a revision: at what the API server knows of them, and at what they say. */
public final class ServingPods implements AutoCloseable {
  /** On a pod's template: the revision it is of. */
  public static final String REVISION = IrisModel.GROUP + "/revision";

  public static final String CONTAINER = "model-server";
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int MAX_TEXT = 500;
  private static final long MAX_BYTES = 1L << 20;

  /** The container has had its second chance. */
  private static final int CRASHES = 2;

  private final KubernetesClient client;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final RequestAnalysis analysis = new RequestAnalysis();

  public ServingPods(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Looks.
   *
   * @param allowed what metrics may be; nothing where they are not judged
   */
  PodsState look(IrisModel resource, Revision revision, Optional<IrisModelSpec.Analysis> allowed) {
    List<Pod> pods =
        client
            .pods()
            .inNamespace(resource.getMetadata().getNamespace())
            .withLabels(Labels.identity(resource.getMetadata().getName(), Component.MODEL_SERVER))
            .list()
            .getItems()
            .stream()
            .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
            .filter(
                pod ->
                    pod.getMetadata().getAnnotations() != null
                        && revision.id().equals(pod.getMetadata().getAnnotations().get(REVISION)))
            .toList();
    String irisModel = resource.getMetadata().getUid();
    if (allowed.isEmpty()) {
      analysis.forget(irisModel);
    }
    return new PodsState(
        pods.stream().flatMap(ServingPods::crash).findFirst(),
        pods.stream()
            .filter(pod -> !isTrue(pod, "Ready"))
            .map(pod -> "pod " + pod.getMetadata().getName() + " " + whyNotReady(pod))
            .findFirst(),
        allowed.flatMap(a -> analysis.look(irisModel, revision.id(), requests(pods), a)));
  }

  private static boolean isTrue(Pod pod, String condition) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals(condition) && c.getStatus().equals("True"));
  }

  private static Stream<String> crash(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .filter(c -> c.getRestartCount() != null && c.getRestartCount() >= CRASHES)
        .filter(c -> !Boolean.TRUE.equals(c.getReady()))
        .map(c -> "pod %s crashes: %s".formatted(pod.getMetadata().getName(), lastEnd(c)));
  }

  private static String lastEnd(ContainerStatus container) {
    return Stream.of(container.getState(), container.getLastState())
        .filter(state -> state != null && state.getTerminated() != null)
        .map(ContainerState::getTerminated)
        .findFirst()
        .map(
            (ContainerStateTerminated end) ->
                "container %s ended with exit code %d (%s)%s"
                    .formatted(
                        container.getName(),
                        end.getExitCode(),
                        end.getReason(),
                        Optional.ofNullable(end.getMessage())
                            .map(text -> ": " + lastOf(text))
                            .orElse("")))
        .orElseGet(() -> "container " + container.getName() + " was restarted");
  }

  private static String lastOf(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.substring(Math.max(0, line.length() - MAX_TEXT));
  }

  private String whyNotReady(Pod pod) {
    Optional<PodCondition> unscheduled =
        pod.getStatus().getConditions().stream()
            .filter(c -> c.getType().equals("PodScheduled") && c.getStatus().equals("False"))
            .findFirst();
    if (unscheduled.isPresent()) {
      return "cannot be scheduled: " + unscheduled.get().getMessage();
    }
    for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
      ContainerState state = container.getState();
      if (state == null) {
        continue;
      }
      if (state.getWaiting() != null) {
        return waiting(pod, container, String.valueOf(state.getWaiting().getReason()));
      }
      if (container.getName().equals(CONTAINER) && state.getRunning() != null) {
        return said(pod).map(text -> "is not ready: " + text).orElse("is not ready");
      }
    }
    return "is not ready";
  }

  /** Without counts and back-off times, which would be news at every look. */
  private static String waiting(Pod pod, ContainerStatus container, String reason) {
    return switch (reason) {
      case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull" ->
          "cannot pull the image " + container.getImage();
      case "CrashLoopBackOff" -> "crashes: " + lastEnd(container);
      default ->
          "is not ready: container %s waits: %s%s"
              .formatted(container.getName(), reason, mounts(pod));
    };
  }

  /** That one of these is not there only the kubelet's events tell. */
  private static String mounts(Pod pod) {
    List<String> mounted =
        pod.getSpec().getVolumes().stream()
            .flatMap(
                volume ->
                    Stream.of(
                        Optional.ofNullable(volume.getSecret())
                            .map(secret -> "Secret " + secret.getSecretName()),
                        Optional.ofNullable(volume.getConfigMap())
                            .map(map -> "ConfigMap " + map.getName())))
            .flatMap(Optional::stream)
            .toList();
    return mounted.isEmpty() ? "" : "; is there a " + String.join(", a ", mounted) + "?";
  }

  /** What the server itself says of its health. */
  private Optional<String> said(Pod pod) {
    return ask(pod, "/health")
        .flatMap(ServingPods::text)
        .flatMap(
            body -> {
              try {
                return Optional.ofNullable(JSON.readTree(body).path("message").textValue());
              } catch (JsonProcessingException e) {
                return Optional.empty();
              }
            })
        .map(ServingPods::lastOf);
  }

  private Map<String, PodRequests> requests(List<Pod> pods) {
    Map<String, CompletableFuture<HttpResponse<byte[]>>> asked = new HashMap<>();
    for (Pod pod : pods) {
      ask(pod, "/metrics").ifPresent(answer -> asked.put(pod.getMetadata().getUid(), answer));
    }
    Map<String, PodRequests> requests = new HashMap<>();
    asked.forEach(
        (uid, answer) ->
            text(answer).ifPresent(text -> requests.put(uid, PodRequests.parse(text))));
    return requests;
  }

  private Optional<CompletableFuture<HttpResponse<byte[]>>> ask(Pod pod, String path) {
    return Optional.ofNullable(pod.getStatus().getPodIP())
        .map(address -> address.contains(":") ? "[" + address + "]" : address)
        .map(host -> URI.create("http://" + host + ":" + metricsPort(pod) + path))
        .map(
            uri ->
                http.sendAsync(
                    HttpRequest.newBuilder(uri).build(),
                    HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES)));
  }

  private static int metricsPort(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .filter(container -> container.getName().equals(CONTAINER))
        .flatMap(container -> container.getPorts().stream())
        .map(ContainerPort::getContainerPort)
        .filter(port -> port == ModelServerPorts.MANAGEMENT_PORT)
        .findFirst()
        .orElse(ModelServerPorts.PORT);
  }

  /** Not by the request's own timeout, which ends with the headers: a body may hang, too. */
  private static Optional<String> text(CompletableFuture<HttpResponse<byte[]>> answer) {
    try {
      byte[] body = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).body();
      return Optional.of(new String(body, StandardCharsets.UTF_8));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
