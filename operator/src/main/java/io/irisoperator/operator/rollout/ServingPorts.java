package io.irisoperator.operator.rollout;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModelSpec;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The names of the ports of pods that serve. A Service leads to those pods that have a port of the
 * name: so pods with TLS and pods without it can be behind one while the ones replace the others.
 */
public final class ServingPorts {
  private ServingPorts() {}

  /** Of the pods that a spec asks for. */
  public static Set<String> of(IrisModelSpec.Serving serving) {
    Set<String> ports = new TreeSet<>();
    ports.add(serving.tls() == null ? ModelServerPorts.HTTP : ModelServerPorts.HTTPS);
    if (serving.isGuarded()) {
      ports.add(ModelServerPorts.MANAGEMENT);
    }
    return ports;
  }

  /** Of all pods that there may be: those that are asked for, that are made, and gone back to. */
  public static Set<String> inUse(IrisModelSpec.Serving serving, Optional<Rollout> rollout) {
    Set<String> ports = of(serving);
    rollout.flatMap(r -> r.current().template()).ifPresent(made -> ports.addAll(of(made)));
    rollout
        .flatMap(Rollout::stable)
        .flatMap(Revision::template)
        .ifPresent(made -> ports.addAll(of(made)));
    return ports;
  }

  /** Of the pods that serve now. */
  public static Set<String> served(IrisModelSpec.Serving serving, Optional<Rollout> rollout) {
    return rollout
        .map(r -> r.complete().isPresent() ? r.current() : r.stable().orElse(r.current()))
        .flatMap(Revision::template)
        .map(ServingPorts::of)
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
