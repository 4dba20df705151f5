package io.irisoperator.operator.apply.monitoring;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.informer.DigestedData;
import io.irisoperator.operator.monitoring.ModelDashboard;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.Matcher;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.KubernetesDependent;

/** A Grafana dashboard, in the form that Grafana's sidecar collects. */
@KubernetesDependent(
    // Not by its own label, which others may remove; without the bytes of the stored models.
    informer = @Informer(labelSelector = "app.kubernetes.io/component!=stored-model"))
public final class DashboardConfigMap
    extends CRUDKubernetesDependentResource<ConfigMap, IrisModel> {

  @Override
  protected ConfigMap desired(IrisModel resource, Context<IrisModel> context) {
    return desired(resource, ReconcileContext.from(context).defaults());
  }

  /** The cache has digests instead of texts; what is applied has the texts. */
  @Override
  public Matcher.Result<ConfigMap> match(
      ConfigMap actual, ConfigMap desired, IrisModel resource, Context<IrisModel> context) {
    boolean matches = super.match(actual, DigestedData.of(desired), resource, context).matched();
    return Matcher.Result.computed(matches, desired);
  }

  /** The manifest. */
  public static ConfigMap desired(IrisModel resource, WorkloadDefaults defaults) {
    String name = resource.getMetadata().getName();
    String namespace = resource.getMetadata().getNamespace();
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name + "-dashboard")
        .withNamespace(namespace)
        .withLabels(Labels.of(name, Component.DASHBOARD))
        .addToLabels(defaults.dashboardLabels())
        .endMetadata()
        .addToData(
            "iris.%s.%s.json".formatted(namespace, name), ModelDashboard.of(namespace, name).json())
        .build();
  }
}
