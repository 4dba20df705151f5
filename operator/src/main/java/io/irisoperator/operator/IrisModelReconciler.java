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
import io.irisoperator.operator.apply.Preconditions;
import io.irisoperator.operator.apply.ReconcileContext;
import io.irisoperator.operator.apply.WorkloadDefaults;
import io.irisoperator.operator.apply.monitoring.DashboardConfigMap;
import io.irisoperator.operator.apply.monitoring.ModelServiceMonitor;
import io.irisoperator.operator.apply.serving.ServingAutoscaler;
import io.irisoperator.operator.apply.serving.ServingDeployment;
import io.irisoperator.operator.apply.serving.ServingDisruptionBudget;
import io.irisoperator.operator.apply.serving.ServingNetworkPolicy;
import io.irisoperator.operator.apply.serving.ServingService;
import io.irisoperator.operator.apply.training.TrainerJob;
import io.irisoperator.operator.decide.Decider;
import io.irisoperator.operator.decide.Decision;
import io.irisoperator.operator.observe.Observer;
import io.irisoperator.operator.runtime.EventRecorder;
import io.irisoperator.operator.runtime.OperatorMetrics;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.TrainingRequest;
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

/** Observes, decides, applies and reports; again after every change and every poll interval. */
@ControllerConfiguration(
    name = "irismodel",
    fieldManager = Labels.MANAGER,
    generationAwareEventProcessing = false,
    informer = @Informer(onUpdateFilter = IrisModelReconciler.SpecOrRetrainChanged.class))
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
          reconcilePrecondition = Preconditions.EnablesAutoscaling.class),
      @Dependent(
          type = ServingNetworkPolicy.class,
          activationCondition = Preconditions.CanWatchNetworkPolicies.class,
          reconcilePrecondition = Preconditions.EnablesNetworkPolicy.class),
      @Dependent(
          type = ModelServiceMonitor.class,
          activationCondition = Preconditions.HasServiceMonitorCrd.class,
          reconcilePrecondition = Preconditions.EnablesServiceMonitor.class),
      @Dependent(
          type = DashboardConfigMap.class,
          reconcilePrecondition = Preconditions.EnablesDashboard.class),
      @Dependent(type = TrainerJob.class, reconcilePrecondition = Preconditions.HasTraining.class)
    })
public final class IrisModelReconciler implements Reconciler<IrisModel> {
  private static final Logger LOG = LoggerFactory.getLogger(IrisModelReconciler.class);

  /** During a rollout the status of the Deployment does not report everything. */
  private static final Duration ROLLOUT_INTERVAL = Duration.ofSeconds(3);

  private final Observer observer;
  private final ModelStore store;
  private final WorkloadDefaults defaults;
  private final EventRecorder events;
  private final OperatorMetrics metrics;
  private final Duration pollInterval;

  public IrisModelReconciler(
      Observer observer,
      ModelStore store,
      WorkloadDefaults defaults,
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
    Duration next = decision.settled() ? pollInterval : shorter(pollInterval, ROLLOUT_INTERVAL);
    if (decision.status().equals(resource.getStatus())) {
      return UpdateControl.<IrisModel>noUpdate().rescheduleAfter(next);
    }
    decision.events().forEach(event -> events.record(resource, event));
    // The next reconciliation may still see the old status; it decides the same then, except for
    // times.
    return UpdateControl.patchStatus(withStatus(resource, decision.status())).rescheduleAfter(next);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Decision apply(IrisModel resource, Context<IrisModel> context, Observation observation) {
    Decision decision = Decider.decide(observation);
    List<Exception> errors = new ArrayList<>();
    try {
      decision.newCopy().ifPresent(c -> store.put(resource, c.model(), c.archive()));
      decision.obsoleteJobs().forEach(job -> delete(context, resource, job));
    } catch (KubernetesClientException e) {
      errors.add(e);
    }
    new ReconcileContext(decision, observation.source().trackingUri(), defaults).putInto(context);
    WorkflowReconcileResult result =
        context.managedWorkflowAndDependentResourceContext().reconcileManagedWorkflow();
    errors.addAll(result.getErroredDependents().values());
    if (errors.isEmpty()) {
      // Not before: if a change is not applied, the history stays, and so do its copies.
      try {
        decision.obsoleteCopies().forEach(copy -> store.delete(resource, copy));
        return decision;
      } catch (KubernetesClientException e) {
        errors.add(e);
      }
    }
    errors.forEach(e -> LOG.warn("could not be applied", e));
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
      return "%s/%s already exists and is not owned by this IrisModel: delete it, or rename the IrisModel"
          .formatted(status.getDetails().getKind(), status.getDetails().getName());
    }
    return status.getMessage();
  }

  /** Only the status: the version of the object as it was read may be stale by now. */
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

  /**
   * The spec or the retrain annotation has changed; the status is written by the operator itself.
   */
  public static final class SpecOrRetrainChanged implements OnUpdateFilter<IrisModel> {
    @Override
    public boolean accept(IrisModel after, IrisModel before) {
      return !Objects.equals(
              after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
          || !TrainingRequest.of(after).equals(TrainingRequest.of(before));
    }
  }
}
