package io.irisoperator.operator.apply.serving;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.decide.Decision;
import io.irisoperator.operator.rollout.PortsInUse;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.Set;

/** The Service for predictions. */
public final class ServingService extends CRUDKubernetesDependentResource<Service, IrisModel> {

  @Override
  protected Service desired(IrisModel resource, Context<IrisModel> context) {
    Decision decision = ReconcileContext.from(context).decision();
    return desired(resource, PortsInUse.ofAll(decision.spec().serving(), decision.rollout()));
  }

  /** The manifest. */
  public static Service desired(IrisModel resource, Set<String> ports) {
    String name = resource.getMetadata().getName();
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.MODEL_SERVER))
        .endMetadata()
        .withNewSpec()
        .withType("ClusterIP")
        .withSelector(Labels.identity(name, Component.MODEL_SERVER))
        .withPorts(ports.stream().map(ServingService::port).toList())
        .endSpec()
        .build();
  }

  private static ServicePort port(String name) {
    int number =
        switch (name) {
          case ModelServerPorts.HTTPS -> 443;
          case ModelServerPorts.MANAGEMENT -> ModelServerPorts.MANAGEMENT_PORT;
          default -> 80;
        };
    return new ServicePortBuilder()
        .withName(name)
        .withProtocol("TCP")
        .withPort(number)
        .withNewTargetPort(name)
        .build();
  }
}
