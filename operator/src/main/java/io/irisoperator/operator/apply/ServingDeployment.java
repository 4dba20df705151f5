package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.decide.Decision;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.StoredModel;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.Optional;

/** The pods of one revision, and how they replace those of another. */
public final class ServingDeployment
    extends CRUDKubernetesDependentResource<Deployment, IrisModel> {

  /** A server that ends as soon as it was ready was not. */
  private static final int MIN_READY_SECONDS = 3;

  @Override
  protected Deployment desired(IrisModel resource, Context<IrisModel> context) {
    Applying applying = Applying.in(context);
    Decision decision = applying.decision();
    return desired(
        resource,
        decision.spec(),
        decision.rollout().orElseThrow(),
        decision.copy(),
        applying.defaults());
  }

  /** What has served is never taken away for want of a model: only with its IrisModel. */
  @Override
  public void delete(IrisModel resource, Context<IrisModel> context) {}

  static Deployment desired(
      IrisModel resource,
      IrisModelSpec spec,
      Rollout rollout,
      Optional<StoredModel> copy,
      Defaults defaults) {
    String name = resource.getMetadata().getName();
    PodTemplateSpec template =
        rollout
            .current()
            .template()
            .orElseGet(
                () ->
                    ServingPodTemplate.of(name, spec.serving(), rollout.current(), copy, defaults));
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.MODEL_SERVER))
        .addToAnnotations(Rollout.ANNOTATION, rollout.with(template).write())
        .endMetadata()
        .withNewSpec()
        .withReplicas(spec.serving().replicas())
        .withRevisionHistoryLimit(3)
        .withMinReadySeconds(MIN_READY_SECONDS)
        .withProgressDeadlineSeconds(spec.rollout().progressDeadlineSeconds())
        .withNewSelector()
        .withMatchLabels(Labels.identity(name, Component.MODEL_SERVER))
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString(0))
        .withMaxSurge(new IntOrString(1))
        .endRollingUpdate()
        .endStrategy()
        .withTemplate(template)
        .endSpec()
        .build();
  }
}
