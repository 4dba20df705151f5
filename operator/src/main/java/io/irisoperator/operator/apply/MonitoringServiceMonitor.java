package io.irisoperator.operator.apply;

import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitorBuilder;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.rollout.ServingPorts;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.Set;

/** Tells the Prometheus Operator to scrape the pods. */
public final class MonitoringServiceMonitor
    extends CRUDKubernetesDependentResource<ServiceMonitor, IrisModel> {

  @Override
  protected ServiceMonitor desired(IrisModel resource, Context<IrisModel> context) {
    Applying applying = Applying.in(context);
    IrisModelSpec spec = applying.decision().spec();
    Set<String> ports = ServingPorts.served(spec.serving(), applying.decision().rollout());
    return desired(resource, spec.monitoring(), ports, applying.defaults());
  }

  static ServiceMonitor desired(
      IrisModel resource,
      IrisModelSpec.Monitoring monitoring,
      Set<String> ports,
      Defaults defaults) {
    String name = resource.getMetadata().getName();
    return new ServiceMonitorBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(
            Labels.monitoring(
                name, Component.MODEL_SERVER, defaults.monitoringLabels(), monitoring.labels()))
        .endMetadata()
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endSelector()
        .addNewEndpoint()
        .withPort(
            ports.contains(ModelServerPorts.MANAGEMENT)
                ? ModelServerPorts.MANAGEMENT
                : ModelServerPorts.HTTP)
        .withPath("/metrics")
        // A label of ours has this name, and would be renamed in favour of the port's name.
        .addNewRelabeling()
        .withAction("labeldrop")
        .withRegex("endpoint")
        .endRelabeling()
        .endEndpoint()
        .endSpec()
        .build();
  }
}
