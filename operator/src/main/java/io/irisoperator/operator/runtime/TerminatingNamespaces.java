package io.irisoperator.operator.runtime;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.operator.api.IrisModel;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Namespaces that are being deleted, as far as the API server has refused to create an object in
 * them. What the namespace controller deletes there must not be applied again. Thread-safe.
 */
public final class TerminatingNamespaces {
  private static final String CAUSE = "NamespaceTerminating";

  private final Clock clock;

  /** When it was noticed; another namespace may get the name later. */
  private final Map<String, Instant> noticed = new ConcurrentHashMap<>();

  public TerminatingNamespaces(Clock clock) {
    this.clock = clock;
  }

  /** Notes the namespace of an object that could not be applied, if it is being deleted. */
  public void failed(IrisModel resource, Throwable error) {
    if (isCause(error)) {
      noticed.put(resource.getMetadata().getNamespace(), clock.instant());
    }
  }

  private static boolean isCause(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof KubernetesClientException refused
          && refused.getStatus() != null
          && refused.getStatus().getDetails() != null
          && refused.getStatus().getDetails().getCauses().stream()
              .anyMatch(cause -> CAUSE.equals(cause.getReason()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether an IrisModel is in one of them. */
  public boolean contains(IrisModel resource) {
    return Optional.ofNullable(noticed.get(resource.getMetadata().getNamespace()))
        .filter(time -> !Instant.parse(resource.getMetadata().getCreationTimestamp()).isAfter(time))
        .isPresent();
  }
}
