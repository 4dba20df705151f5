package io.irisoperator.operator.apply;

import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitorBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.Map;
import java.util.TreeMap;

/** Tells the Prometheus Operator to scrape the pods. */
public final class MonitoringServiceMonitor
    extends CRUDKubernetesDependentResource<ServiceMonitor, IrisModel> {

  @Override
  protected ServiceMonitor desired(IrisModel resource, Context<IrisModel> context) {
    return desired(resource, Applying.in(context).decision().spec().monitoring());
  }

  static ServiceMonitor desired(IrisModel resource, IrisModelSpec.Monitoring monitoring) {
    String name = resource.getMetadata().getName();
    Map<String, String> labels = new TreeMap<>(monitoring.labels());
    labels.putAll(Labels.of(name, Component.MODEL_SERVER));
    return new ServiceMonitorBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withNewSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endSelector()
        .addNewEndpoint()
        .withPort(ServingDeployment.PORT)
        .withPath("/metrics")
        .withInterval("15s")
        .endEndpoint()
        .endSpec()
        .build();
  }
}
