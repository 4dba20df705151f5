package io.irisoperator.operator;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.apply.Applying;
import io.irisoperator.operator.apply.DashboardConfigMap;
import io.irisoperator.operator.apply.Defaults;
import io.irisoperator.operator.apply.MonitoringPrometheusRule;
import io.irisoperator.operator.apply.MonitoringServiceMonitor;
import io.irisoperator.operator.apply.Preconditions;
import io.irisoperator.operator.apply.ServingAutoscaler;
import io.irisoperator.operator.apply.ServingDeployment;
import io.irisoperator.operator.apply.ServingDisruptionBudget;
import io.irisoperator.operator.apply.ServingNetworkPolicy;
import io.irisoperator.operator.apply.ServingService;
import io.irisoperator.operator.apply.TrainerJob;
import io.irisoperator.operator.decide.Decider;
import io.irisoperator.operator.decide.Decision;
import io.irisoperator.operator.event.EventRecorder;
import io.irisoperator.operator.metrics.OperatorMetrics;
import io.irisoperator.operator.observe.Observation;
import io.irisoperator.operator.observe.Observer;
import io.irisoperator.operator.observe.RetrainRequest;
import io.irisoperator.operator.store.ModelStore;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Workflow;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Dependent;
import io.javaoperatorsdk.operator.processing.dependent.workflow.WorkflowReconcileResult;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Observe, decide, apply, tell; again after every change and every poll interval. */
@ControllerConfiguration(
    name = "irismodel",
    fieldManager = Labels.MANAGER,
    generationAwareEventProcessing = false,
    informer = @Informer(onUpdateFilter = IrisModelReconciler.Asked.class))
@GradualRetry(
    maxAttempts = -1,
    initialInterval = 1000,
    intervalMultiplier = 2,
    maxInterval = 30_000)
@Workflow(
    explicitInvocation = true,
    handleExceptionsInReconciler = true,
    dependents = {
      @Dependent(type = ServingService.class),
      @Dependent(
          type = ServingDeployment.class,
          reconcilePrecondition = Preconditions.HasModel.class),
      @Dependent(type = ServingDisruptionBudget.class),
      @Dependent(
          type = ServingAutoscaler.class,
          reconcilePrecondition = Preconditions.WantsAutoscaling.class),
      @Dependent(
          type = ServingNetworkPolicy.class,
          activationCondition = Preconditions.MayHaveNetworkPolicy.class,
          reconcilePrecondition = Preconditions.WantsNetworkPolicy.class),
      @Dependent(
          type = MonitoringServiceMonitor.class,
          activationCondition = Preconditions.ServiceMonitorCrd.class,
          reconcilePrecondition = Preconditions.WantsServiceMonitor.class),
      @Dependent(
          type = MonitoringPrometheusRule.class,
          activationCondition = Preconditions.PrometheusRuleCrd.class,
          reconcilePrecondition = Preconditions.WantsRules.class),
      @Dependent(
          type = DashboardConfigMap.class,
          reconcilePrecondition = Preconditions.WantsDashboard.class),
      @Dependent(type = TrainerJob.class, reconcilePrecondition = Preconditions.HasRequest.class)
    })
public final class IrisModelReconciler implements Reconciler<IrisModel> {
  private static final Logger LOG = LoggerFactory.getLogger(IrisModelReconciler.class);

  /** While pods are being changed, their Deployment does not tell everything. */
  private static final Duration ROLLOUT_INTERVAL = Duration.ofSeconds(3);

  private final Observer observer;
  private final ModelStore store;
  private final Defaults defaults;
  private final EventRecorder events;
  private final OperatorMetrics metrics;
  private final Duration pollInterval;

  public IrisModelReconciler(
      Observer observer,
      ModelStore store,
      Defaults defaults,
      EventRecorder events,
      OperatorMetrics metrics,
      Duration pollInterval) {
    this.observer = observer;
    this.store = store;
    this.defaults = defaults;
    this.events = events;
    this.metrics = metrics;
    this.pollInterval = pollInterval;
  }

  @Override
  public List<EventSource<?, IrisModel>> prepareEventSources(
      EventSourceContext<IrisModel> context) {
    metrics.watch(context.getPrimaryCache()::list);
    return List.of();
  }

  @Override
  public UpdateControl<IrisModel> reconcile(IrisModel resource, Context<IrisModel> context) {
    Observation observation =
        observer.observe(
            resource,
            context.getSecondaryResource(Deployment.class),
            context.getSecondaryResources(Job.class));
    Decision decision = apply(resource, context, observation);
    Duration pause = decision.settled() ? pollInterval : shorter(pollInterval, ROLLOUT_INTERVAL);
    if (decision.status().equals(resource.getStatus())) {
      return UpdateControl.<IrisModel>noUpdate().rescheduleAfter(pause);
    }
    decision.events().forEach(note -> events.record(resource, note));
    // The next pass may still see the status before this one; it decides the same then, but for
    // times.
    return UpdateControl.patchStatus(withStatus(resource, decision.status()))
        .rescheduleAfter(pause);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Decision apply(IrisModel resource, Context<IrisModel> context, Observation observation) {
    Decision decision = Decider.decide(observation);
    List<Exception> errors = new ArrayList<>();
    try {
      decision.store().ifPresent(s -> store.put(resource, s.model(), s.files()));
      decision.discardJobs().forEach(job -> delete(context, resource, job));
    } catch (KubernetesClientException e) {
      errors.add(e);
    }
    new Applying(decision, observation.trackingUri(), defaults).to(context);
    WorkflowReconcileResult result =
        context.managedWorkflowAndDependentResourceContext().reconcileManagedWorkflow();
    errors.addAll(result.getErroredDependents().values());
    if (errors.isEmpty()) {
      // Not before: of a change that is not applied the history stays, and with it its copies.
      try {
        decision.discard().forEach(copy -> store.delete(resource, copy));
        return decision;
      } catch (KubernetesClientException e) {
        errors.add(e);
      }
    }
    errors.forEach(e -> LOG.warn("not applied", e));
    String message =
        errors.stream()
            .map(IrisModelReconciler::rootMessage)
            .sorted()
            .distinct()
            .collect(Collectors.joining("; "));
    boolean podsToo =
        result.getErroredDependents().keySet().stream()
            .anyMatch(ServingDeployment.class::isInstance);
    return Decider.failed(observation, decision, message, podsToo);
  }

  private static void delete(Context<IrisModel> context, IrisModel resource, String job) {
    context
        .getClient()
        .batch()
        .v1()
        .jobs()
        .inNamespace(resource.getMetadata().getNamespace())
        .withName(job)
        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
        .delete();
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    if (root instanceof KubernetesClientException refused && refused.getStatus() != null) {
      return message(refused.getCode(), refused.getStatus());
    }
    return Optional.ofNullable(root.getMessage()).orElseGet(root::toString);
  }

  private static String message(int code, Status status) {
    if (code == HttpURLConnection.HTTP_CONFLICT && status.getDetails() != null) {
      return "%s/%s is there already and not of this IrisModel: delete it, or give the IrisModel another name"
          .formatted(status.getDetails().getKind(), status.getDetails().getName());
    }
    return status.getMessage();
  }

  /** Only what is applied: the object as read carries a version that may be stale by now. */
  private static IrisModel withStatus(IrisModel resource, IrisModelStatus status) {
    IrisModel applied = new IrisModel();
    applied.setMetadata(
        new ObjectMetaBuilder()
            .withName(resource.getMetadata().getName())
            .withNamespace(resource.getMetadata().getNamespace())
            .build());
    applied.setStatus(status);
    return applied;
  }

  /** The spec or the retrain annotation has changed; status is our own doing. */
  public static final class Asked implements OnUpdateFilter<IrisModel> {
    @Override
    public boolean accept(IrisModel after, IrisModel before) {
      return !Objects.equals(
              after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
          || !RetrainRequest.of(after).equals(RetrainRequest.of(before));
    }
  }
}
