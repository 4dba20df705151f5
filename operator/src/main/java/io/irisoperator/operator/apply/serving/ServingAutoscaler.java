package io.irisoperator.operator.apply.serving;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import io.irisoperator.contract.ModelServerMetrics;
import io.irisoperator.operator.api.AutoscalingSpec;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.apply.ReconcileContext;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.CRUDKubernetesDependentResource;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.List;

/**
 * Scales the IrisModel, not its Deployment: the number of pods stays in one place, and {@code
 * kubectl scale} and the autoscaler do the same thing.
 */
public final class ServingAutoscaler
    extends CRUDKubernetesDependentResource<HorizontalPodAutoscaler, IrisModel> {
  private static final String METRICS_ADAPTER = "custom.metrics.k8s.io";

  @Override
  protected HorizontalPodAutoscaler desired(IrisModel resource, Context<IrisModel> context) {
    AutoscalingSpec autoscaling =
        ReconcileContext.from(context).decision().spec().serving().autoscaling();
    // A metric without a value would keep the autoscaler from scaling down.
    boolean hasAdapter =
        autoscaling.targetRequestsPerSecond() != null
            && context.getClient().hasApiGroup(METRICS_ADAPTER, false);
    return desired(resource, autoscaling, hasAdapter);
  }

  /** Known without the spec, which has no autoscaling when this one is deleted. */
  @Override
  protected ResourceID targetSecondaryResourceID(IrisModel resource, Context<IrisModel> context) {
    return ResourceID.fromResource(resource);
  }

  /** The manifest. */
  public static HorizontalPodAutoscaler desired(
      IrisModel resource, AutoscalingSpec autoscaling, boolean hasAdapter) {
    String name = resource.getMetadata().getName();
    return new HorizontalPodAutoscalerBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(resource.getMetadata().getNamespace())
        .withLabels(Labels.of(name, Component.MODEL_SERVER))
        .endMetadata()
        .withNewSpec()
        .withNewScaleTargetRef(resource.getApiVersion(), resource.getKind(), name)
        .withMinReplicas(autoscaling.minReplicas())
        .withMaxReplicas(autoscaling.maxReplicas())
        .withMetrics(metrics(autoscaling, hasAdapter))
        .endSpec()
        .build();
  }

  private static List<MetricSpec> metrics(AutoscalingSpec autoscaling, boolean hasAdapter) {
    List<MetricSpec> metrics = new ArrayList<>();
    metrics.add(
        new MetricSpecBuilder()
            .withType("Resource")
            .withNewResource()
            .withName("cpu")
            .withNewTarget()
            .withType("Utilization")
            .withAverageUtilization(autoscaling.targetCPUUtilizationPercentage())
            .endTarget()
            .endResource()
            .build());
    if (hasAdapter) {
      metrics.add(
          new MetricSpecBuilder()
              .withType("Pods")
              .withNewPods()
              .withNewMetric()
              .withName(ModelServerMetrics.REQUESTS_PER_SECOND)
              .endMetric()
              .withNewTarget()
              .withType("AverageValue")
              .withAverageValue(quantity(autoscaling.targetRequestsPerSecond()))
              .endTarget()
              .endPods()
              .build());
    }
    return metrics;
  }

  /** As the API server writes it; otherwise it would always differ from what was applied. */
  private static Quantity quantity(int number) {
    return new Quantity(number % 1000 == 0 ? number / 1000 + "k" : Integer.toString(number));
  }
}
