package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.decide.Decision;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.DependentResource;
import io.javaoperatorsdk.operator.processing.dependent.workflow.CRDPresentActivationCondition;
import io.javaoperatorsdk.operator.processing.dependent.workflow.Condition;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** When a dependent is wanted. */
public final class Preconditions {
  private Preconditions() {}

  /** There is a model to serve. */
  public static final class HasModel extends Decided<Deployment> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.serve().isPresent();
    }
  }

  /** A training is asked for and not begun. */
  public static final class HasRequest extends Decided<Job> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.train().isPresent();
    }
  }

  /** The resource leaves the number of pods to their load. */
  public static final class WantsAutoscaling extends Decided<HorizontalPodAutoscaler> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.spec().serving().autoscaling() != null;
    }
  }

  /** The resource says who may connect to the pods. */
  public static final class WantsNetworkPolicy extends Decided<NetworkPolicy> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.spec().serving().networkPolicy() != null;
    }
  }

  /** The resource wants a dashboard. */
  public static final class WantsDashboard extends Decided<ConfigMap> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.spec().monitoring().dashboard();
    }
  }

  /** The resource wants a ServiceMonitor. */
  public static final class WantsServiceMonitor extends Decided<ServiceMonitor> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.spec().monitoring().serviceMonitor();
    }
  }

  /** The resource wants a PrometheusRule. */
  public static final class WantsRules extends Decided<PrometheusRule> {
    @Override
    boolean isWanted(Decision decision) {
      return decision.spec().monitoring().rules();
    }
  }

  /** Goes by what was decided. */
  abstract static class Decided<R> implements Condition<R, IrisModel> {
    abstract boolean isWanted(Decision decision);

    @Override
    public final boolean isMet(
        DependentResource<R, IrisModel> dependent, IrisModel resource, Context<IrisModel> context) {
      return isWanted(Applying.in(context).decision());
    }
  }

  /**
   * The operator may make NetworkPolicies, or is asked to: a chart of before does not let it watch
   * them, and what it cannot watch it cannot start with.
   */
  public static final class MayHaveNetworkPolicy implements Condition<NetworkPolicy, IrisModel> {
    private final Set<String> permitted = ConcurrentHashMap.newKeySet();

    @Override
    public boolean isMet(
        DependentResource<NetworkPolicy, IrisModel> dependent,
        IrisModel resource,
        Context<IrisModel> context) {
      String namespace = resource.getMetadata().getNamespace();
      if (Applying.in(context).decision().spec().serving().networkPolicy() != null
          || permitted.contains(namespace)) {
        return true;
      }
      SelfSubjectAccessReview review =
          context
              .getClient()
              .authorization()
              .v1()
              .selfSubjectAccessReview()
              .create(
                  new SelfSubjectAccessReviewBuilder()
                      .withNewSpec()
                      .withNewResourceAttributes()
                      .withGroup("networking.k8s.io")
                      .withResource("networkpolicies")
                      .withVerb("watch")
                      .withNamespace(namespace)
                      .endResourceAttributes()
                      .endSpec()
                      .build());
      boolean allowed = review.getStatus().getAllowed();
      if (allowed) {
        permitted.add(namespace);
      }
      return allowed;
    }
  }

  /** The Prometheus Operator's CRD for ServiceMonitors is there. */
  public static final class ServiceMonitorCrd extends PresentCrd<ServiceMonitor> {}

  /** The Prometheus Operator's CRD for PrometheusRules is there. */
  public static final class PrometheusRuleCrd extends PresentCrd<PrometheusRule> {}

  /** Looks again all the time, as a CRD may come and go. */
  abstract static class PresentCrd<R extends HasMetadata>
      extends CRDPresentActivationCondition<R, IrisModel> {
    private static final Duration PAUSE = Duration.ofSeconds(5);

    @Override
    protected boolean shouldCheckStateNow(CRDCheckState state) {
      return state.getLastChecked() == null
          || LocalDateTime.now(ZoneId.systemDefault()).isAfter(state.getLastChecked().plus(PAUSE));
    }
  }
}
