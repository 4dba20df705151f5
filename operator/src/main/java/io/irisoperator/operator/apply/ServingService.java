package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.observe.ServingPods;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;

/** The Service that predictions are asked of. */
public final class ServingService extends CRUDKubernetesDependentResource<Service, IrisModel> {

  @Override
  protected Service desired(IrisModel resource, Context<IrisModel> context) {
    return desired(resource, Applying.in(context).decision().spec().serving());
  }

  static Service desired(IrisModel resource, IrisModelSpec.Serving serving) {
    boolean tls = serving.tls() != null;
    String name = resource.getMetadata().getName();
    ServiceBuilder service =
        new ServiceBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(resource.getMetadata().getNamespace())
            .withLabels(Labels.of(name, Component.MODEL_SERVER))
            .endMetadata()
            .withNewSpec()
            .withType("ClusterIP")
            .withSelector(Labels.identity(name, Component.MODEL_SERVER))
            .addNewPort()
            .withName(tls ? "https" : ServingPodTemplate.HTTP)
            .withProtocol("TCP")
            .withPort(tls ? 443 : 80)
            .withNewTargetPort(ServingPodTemplate.HTTP)
            .endPort()
            .endSpec();
    if (serving.isGuarded()) {
      service
          .editSpec()
          .addNewPort()
          .withName(ServingPodTemplate.MANAGEMENT)
          .withProtocol("TCP")
          .withPort(ServingPods.MANAGEMENT_PORT)
          .withNewTargetPort(ServingPodTemplate.MANAGEMENT)
          .endPort()
          .endSpec();
    }
    return service.build();
  }
}
