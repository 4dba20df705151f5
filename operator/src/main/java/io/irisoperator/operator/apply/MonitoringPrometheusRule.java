package io.irisoperator.operator.apply;

import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;

/** Tells the Prometheus Operator when to raise an alarm about the model. */
public final class MonitoringPrometheusRule
    extends CRUDKubernetesDependentResource<PrometheusRule, IrisModel> {

  @Override
  protected PrometheusRule desired(IrisModel resource, Context<IrisModel> context) {
    Applying applying = Applying.in(context);
    return desired(resource, applying.decision().spec(), applying.defaults());
  }

  static PrometheusRule desired(IrisModel resource, IrisModelSpec spec, Defaults defaults) {
    String name = resource.getMetadata().getName();
    String namespace = resource.getMetadata().getNamespace();
    String group = "irismodel/%s/%s/".formatted(namespace, name);
    ModelRules rules = new ModelRules(namespace, name, spec, defaults.runbookUrl());
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
        // A week of buckets is much to read; a recorded value holds for five minutes.
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
