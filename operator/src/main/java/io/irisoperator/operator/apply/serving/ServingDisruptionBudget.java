package io.irisoperator.operator.apply.serving;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;

/** A drain evicts one ready pod at a time; pods that are not ready do not block it. */
public final class ServingDisruptionBudget
    extends CRUDKubernetesDependentResource<PodDisruptionBudget, IrisModel> {

  @Override
  protected PodDisruptionBudget desired(IrisModel resource, Context<IrisModel> context) {
    return desired(resource);
  }

  /** The manifest. */
  public static PodDisruptionBudget desired(IrisModel resource) {
    String name = resource.getMetadata().getName();
    return new PodDisruptionBudgetBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.MODEL_SERVER))
        .endMetadata()
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1))
        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
        .withNewSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endSelector()
        .endSpec()
        .build();
  }
}
