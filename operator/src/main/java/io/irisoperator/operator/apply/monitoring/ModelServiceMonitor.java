package io.irisoperator.operator.apply.monitoring;

import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitorBuilder;
import io.irisoperator.contract.ModelServerPorts;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.MonitoringSpec;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.rollout.PortsInUse;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.Set;

/** Makes the Prometheus Operator scrape the pods. */
public final class ModelServiceMonitor
    extends CRUDKubernetesDependentResource<ServiceMonitor, IrisModel> {

  @Override
  protected ServiceMonitor desired(IrisModel resource, Context<IrisModel> context) {
    ReconcileContext reconcile = ReconcileContext.from(context);
    IrisModelSpec spec = reconcile.decision().spec();
    Set<String> ports = PortsInUse.ofServing(spec.serving(), reconcile.decision().rollout());
    return desired(resource, spec.monitoring(), ports, reconcile.defaults());
  }

  /** The manifest. */
  public static ServiceMonitor desired(
      IrisModel resource, MonitoringSpec monitoring, Set<String> ports, WorkloadDefaults defaults) {
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
        // Our metrics have a label of this name, which this target label would rename.
        .addNewRelabeling()
        .withAction("labeldrop")
        .withRegex("endpoint")
        .endRelabeling()
        .endEndpoint()
        .endSpec()
        .build();
  }
}
