package io.irisoperator.operator.rollout;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.ServingSpec;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The names of the ports that pods have. A Service sends requests to the pods that have a port of
 * the name: pods with TLS and pods without can be behind one Service while some replace the others.
 */
public final class PortsInUse {
  private PortsInUse() {}

  /** The ports of the pods that a spec requests. */
  public static Set<String> of(ServingSpec serving) {
    Set<String> ports = new TreeSet<>();
    ports.add(serving.tls() == null ? ModelServerPorts.HTTP : ModelServerPorts.HTTPS);
    if (serving.isRestricted()) {
      ports.add(ModelServerPorts.MANAGEMENT);
    }
    return ports;
  }

  /** The ports of all pods that may exist: requested, current, and stable. */
  public static Set<String> ofAll(ServingSpec serving, Optional<RolloutState> rollout) {
    Set<String> ports = of(serving);
    rollout.flatMap(r -> r.current().template()).ifPresent(t -> ports.addAll(of(t)));
    rollout
        .flatMap(RolloutState::rollbackTarget)
        .flatMap(Revision::template)
        .ifPresent(t -> ports.addAll(of(t)));
    return ports;
  }

  /** The ports of the pods that serve now. */
  public static Set<String> ofServing(ServingSpec serving, Optional<RolloutState> rollout) {
    return rollout
        .map(r -> r.lastAvailable().orElse(r.current()))
        .flatMap(Revision::template)
        .map(PortsInUse::of)
        .orElseGet(() -> of(serving));
  }

  private static Set<String> of(PodTemplateSpec template) {
    return template.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .map(ContainerPort::getName)
        .filter(
            Set.of(ModelServerPorts.HTTP, ModelServerPorts.HTTPS, ModelServerPorts.MANAGEMENT)
                ::contains)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
