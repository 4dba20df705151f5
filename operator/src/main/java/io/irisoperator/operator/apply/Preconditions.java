package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.decide.Decision;
import io.irisoperator.operator.informer.WatchPermission;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.workflow.CRDPresentActivationCondition;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** When a dependent is created. */
public final class Preconditions {
  private Preconditions() {}

  /** There is a model to serve. */
  public static final class HasModel extends DecisionCondition<Deployment> {
    @Override
    boolean isMetBy(Decision decision) {
      return decision.model().isPresent();
    }
  }

  /** A training Job is to be created. */
  public static final class HasTraining extends DecisionCondition<Job> {
    @Override
    boolean isMetBy(Decision decision) {
      return decision.train().isPresent();
    }
  }

  /** The resource enables autoscaling. */
  public static final class EnablesAutoscaling extends DecisionCondition<HorizontalPodAutoscaler> {
    @Override
    boolean isMetBy(Decision decision) {
      return decision.spec().serving().autoscaling() != null;
    }
  }

  /** The resource restricts connections. */
  public static final class EnablesNetworkPolicy extends DecisionCondition<NetworkPolicy> {
    @Override
    boolean isMetBy(Decision decision) {
      return decision.spec().serving().networkPolicy() != null;
    }
  }

  /** The resource enables the dashboard. */
  public static final class EnablesDashboard extends DecisionCondition<ConfigMap> {
    @Override
    boolean isMetBy(Decision decision) {
      return decision.spec().monitoring().dashboard();
    }
  }

  /** The resource enables the ServiceMonitor. */
  public static final class EnablesServiceMonitor extends DecisionCondition<ServiceMonitor> {
    @Override
    boolean isMetBy(Decision decision) {
      return decision.spec().monitoring().serviceMonitor();
    }
  }

  /** A condition on the decision. */
  abstract static class DecisionCondition<R> implements Condition<R, IrisModel> {
    abstract boolean isMetBy(Decision decision);

    @Override
    public final boolean isMet(
        DependentResource<R, IrisModel> dependent, IrisModel resource, Context<IrisModel> context) {
      return isMetBy(ReconcileContext.from(context).decision());
    }
  }

  /**
   * The operator may watch NetworkPolicies, or the resource requests one.
   *
   * @see WatchPermission
   */
  public static final class CanWatchNetworkPolicies implements Condition<NetworkPolicy, IrisModel> {
    private final Set<String> permitted = ConcurrentHashMap.newKeySet();

    @Override
    public boolean isMet(
        DependentResource<NetworkPolicy, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      String namespace = resource.getMetadata().getNamespace();
      if (ReconcileContext.from(context).decision().spec().serving().networkPolicy() != null
          || permitted.contains(namespace)) {
        return true;
      }
      boolean allowed =
          WatchPermission.isGranted(
              context.getClient(), "networking.k8s.io", "networkpolicies", namespace);
      if (allowed) {
        permitted.add(namespace);
      }
      return allowed;
    }
  }

  /** The Prometheus Operator's CRD for ServiceMonitors is installed. */
  public static final class HasServiceMonitorCrd implements Condition<ServiceMonitor, IrisModel> {
    @Override
    public boolean isMet(
        DependentResource<ServiceMonitor, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      return ReconcileContext.from(context).canMonitor();
    }
  }

  /** Checked again all the time: a CRD may be installed and deleted later. */
  abstract static class InstalledCrd<R extends HasMetadata>
      extends CRDPresentActivationCondition<R, IrisModel> {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    @Override
    protected boolean shouldCheckStateNow(CRDCheckState state) {
      return state.getLastChecked() == null
          || LocalDateTime.now(ZoneId.systemDefault())
              .isAfter(state.getLastChecked().plus(INTERVAL));
    }
  }
}
