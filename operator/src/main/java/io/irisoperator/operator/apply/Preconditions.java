package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.irisoperator.operator.api.IrisModel;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.workflow.CRDPresentActivationCondition;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;

/** When a dependent is wanted. */
public final class Preconditions {
  private Preconditions() {}

  /** There is a model to serve. */
  public static final class HasModel implements Condition<Deployment, IrisModel> {
    @Override
    public boolean isMet(
        DependentResource<Deployment, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      return Applying.in(context).decision().serve().isPresent();
    }
  }

  /** A training is asked for and not begun. */
  public static final class HasRequest implements Condition<Job, IrisModel> {
    @Override
    public boolean isMet(
        DependentResource<Job, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      return Applying.in(context).decision().train().isPresent();
    }
  }

  /** The resource wants a dashboard. */
  public static final class WantsDashboard implements Condition<ConfigMap, IrisModel> {
    @Override
    public boolean isMet(
        DependentResource<ConfigMap, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      return Applying.in(context).decision().spec().monitoring().dashboard();
    }
  }

  /** The resource wants a ServiceMonitor. */
  public static final class WantsServiceMonitor implements Condition<ServiceMonitor, IrisModel> {
    @Override
    public boolean isMet(
        DependentResource<ServiceMonitor, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      return Applying.in(context).decision().spec().monitoring().serviceMonitor();
    }
  }

  /**
   * The Prometheus Operator's CRD is there; looked at again all the time, as it may come and go.
   */
  public static final class ServiceMonitorCrd
      extends CRDPresentActivationCondition<ServiceMonitor, IrisModel> {
    private static final Duration PAUSE = Duration.ofSeconds(5);

    @Override
    protected boolean shouldCheckStateNow(CRDCheckState state) {
      return state.getLastChecked() == null
          || LocalDateTime.now(ZoneId.systemDefault()).isAfter(state.getLastChecked().plus(PAUSE));
    }
  }
}
