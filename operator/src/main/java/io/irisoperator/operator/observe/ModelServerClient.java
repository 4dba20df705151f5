package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.irisoperator.contract.ModelServerPod;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.state.RequestStats;
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

/** Reads the health and the metrics of model servers in their pods. Thread-safe. */
final class ModelServerClient implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long MAX_BYTES = 1L << 20;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  /** The health message that a server reports. */
  Optional<String> healthMessage(Pod pod) {
    return get(pod, "/health")
        .flatMap(ModelServerClient::text)
        .flatMap(
            body -> {
              try {
                return Optional.ofNullable(JSON.readTree(body).path("message").textValue());
              } catch (JsonProcessingException e) {
                return Optional.empty();
              }
            });
  }

  /**
   * What pods have answered since they started, by the pod's uid; without those that do not answer.
   */
  Map<String, RequestStats> requestStats(List<Pod> pods) {
    Map<String, CompletableFuture<HttpResponse<byte[]>>> responses = new HashMap<>();
    for (Pod pod : pods) {
      get(pod, "/metrics")
          .ifPresent(response -> responses.put(pod.getMetadata().getUid(), response));
    }
    Map<String, RequestStats> stats = new HashMap<>();
    responses.forEach(
        (uid, response) ->
            text(response).ifPresent(text -> stats.put(uid, RequestStats.parse(text))));
    return stats;
  }

  private Optional<CompletableFuture<HttpResponse<byte[]>>> get(Pod pod, String path) {
    return Optional.ofNullable(pod.getStatus().getPodIP())
        .map(address -> address.contains(":") ? "[" + address + "]" : address)
        .map(host -> URI.create("http://" + host + ":" + managementPort(pod) + path))
        .map(
            uri ->
                http.sendAsync(
                    HttpRequest.newBuilder(uri).build(),
                    HttpResponse.BodyHandlers.limiting(
                        HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES)));
  }

  private static int managementPort(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .filter(container -> container.getName().equals(ModelServerPod.CONTAINER))
        .flatMap(container -> container.getPorts().stream())
        .map(ContainerPort::getContainerPort)
        .filter(port -> port == ModelServerPorts.MANAGEMENT_PORT)
        .findFirst()
        .orElse(ModelServerPorts.PORT);
  }

  /** The request's own timeout ends with the headers; a body may hang, too. */
  private static Optional<String> text(CompletableFuture<HttpResponse<byte[]>> response) {
    try {
      byte[] body = response.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).body();
      return Optional.of(new String(body, StandardCharsets.UTF_8));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      response.cancel(true);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
