package io.irisoperator.operator.apply.serving;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.decide.Decision;
import io.irisoperator.operator.rollout.RolloutAnnotation;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.StoredModel;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import java.util.Optional;

/** The pods of one revision, and how they replace the pods of another. */
public final class ServingDeployment
    extends CRUDKubernetesDependentResource<Deployment, IrisModel> {

  /** A server that exits right after it was ready was not ready. */
  private static final int MIN_READY_SECONDS = 2;

  @Override
  protected Deployment desired(IrisModel resource, Context<IrisModel> context) {
    ReconcileContext reconcile = ReconcileContext.from(context);
    Decision decision = reconcile.decision();
    return desired(
        resource,
        decision.spec(),
        decision.rollout().orElseThrow(),
        decision.copy(),
        reconcile.defaults());
  }

  /** A missing model deletes no pods. They are deleted with their IrisModel. */
  @Override
  public void delete(IrisModel resource, Context<IrisModel> context) {}

  /** The manifest. */
  public static Deployment desired(
      IrisModel resource,
      IrisModelSpec spec,
      RolloutState rollout,
      Optional<StoredModel> copy,
      WorkloadDefaults defaults) {
    String name = resource.getMetadata().getName();
    PodTemplateSpec template =
        rollout
            .current()
            .template()
            .orElseGet(() -> ServingPodTemplate.of(name, spec, rollout.current(), copy, defaults));
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.MODEL_SERVER))
        .addToAnnotations(
            RolloutAnnotation.NAME, RolloutAnnotation.write(rollout.withTemplate(template)))
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
