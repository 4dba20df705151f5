package io.irisoperator.operator.apply.monitoring;

import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.monitoring.ModelAlerts;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;

/** The recording rules and alerts of a model, for the Prometheus Operator. */
public final class ModelPrometheusRule
    extends CRUDKubernetesDependentResource<PrometheusRule, IrisModel> {

  @Override
  protected PrometheusRule desired(IrisModel resource, Context<IrisModel> context) {
    ReconcileContext reconcile = ReconcileContext.from(context);
    return desired(resource, reconcile.decision().spec(), reconcile.defaults());
  }

  /** The manifest. */
  public static PrometheusRule desired(
      IrisModel resource, IrisModelSpec spec, WorkloadDefaults defaults) {
    String name = resource.getMetadata().getName();
    String namespace = resource.getMetadata().getNamespace();
    String group = "irismodel/%s/%s/".formatted(namespace, name);
    ModelAlerts rules = new ModelAlerts(namespace, name, spec, defaults.runbookUrl());
    return new PrometheusRuleBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .withLabels(
            Labels.monitoring(
                name, Component.ALERTS, defaults.monitoringLabels(), spec.monitoring().labels()))
        .endMetadata()
        .withNewSpec()
        .addNewGroup()
        .withName(group + "records")
        // Reading a week of buckets is expensive; a recorded value is valid for five minutes.
        .withInterval("2m")
        .withRules(rules.records().toArray(Rule[]::new))
        .endGroup()
        .addNewGroup()
        .withName(group + "alerts")
        .withRules(rules.alerts().toArray(Rule[]::new))
        .endGroup()
        .endSpec()
        .build();
  }
}
