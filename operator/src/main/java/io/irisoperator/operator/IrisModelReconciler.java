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
import io.irisoperator.operator.api.TrainingPhase;
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
import io.irisoperator.operator.observe.WatchedPods;
import io.irisoperator.operator.runtime.CrdMonitor;
import io.irisoperator.operator.runtime.EventRecorder;
import io.irisoperator.operator.runtime.OperatorMetrics;
import io.irisoperator.operator.runtime.TerminatingNamespaces;
import io.irisoperator.operator.runtime.WrittenStatuses;
import io.irisoperator.operator.source.SourcePoller;
import io.irisoperator.operator.state.Observation;
import io.irisoperator.operator.state.TrainingRequest;
import io.irisoperator.operator.store.ModelStore;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.Workflow;
import io.javaoperatorsdk.operator.api.reconciler.dependent.Dependent;
import io.javaoperatorsdk.operator.processing.dependent.workflow.WorkflowReconcileResult;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Observes, decides, applies and reports; again after every change. */
@ControllerConfiguration(
    name = "irismodel",
    fieldManager = Labels.MANAGER,
    generationAwareEventProcessing = false,
    // Should an event ever be lost.
    maxReconciliationInterval = @MaxReconciliationInterval(interval = 1),
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
  private final WatchedPods pods;
  private final SourcePoller poller;
  private final CrdMonitor crds;
  private final WorkloadDefaults defaults;
  private final EventRecorder events;
  private final OperatorMetrics metrics;
  private final TerminatingNamespaces terminating;
  private final WrittenStatuses statuses = new WrittenStatuses();
  private final Duration retryInterval;

  public IrisModelReconciler(
      Observer observer,
      ModelStore store,
      WatchedPods pods,
      SourcePoller poller,
      CrdMonitor crds,
      WorkloadDefaults defaults,
      EventRecorder events,
      OperatorMetrics metrics,
      TerminatingNamespaces terminating,
      Duration retryInterval) {
    this.observer = observer;
    this.store = store;
    this.pods = pods;
    this.poller = poller;
    this.crds = crds;
    this.defaults = defaults;
    this.events = events;
    this.metrics = metrics;
    this.terminating = terminating;
    this.retryInterval = retryInterval;
  }

  @Override
  public List<EventSource<?, IrisModel>> prepareEventSources(
      EventSourceContext<IrisModel> context) {
    metrics.watch(context.getPrimaryCache()::list);
    List<EventSource<?, IrisModel>> sources =
        new ArrayList<>(List.of(store.watch(context), poller.watch(context), crds.watch(context)));
    pods.watch(context).ifPresent(sources::add);
    return sources;
  }

  @Override
  public UpdateControl<IrisModel> reconcile(IrisModel resource, Context<IrisModel> context) {
    if (resource.isMarkedForDeletion() || terminating.contains(resource)) {
      return UpdateControl.noUpdate();
    }
    Optional<Observation> observation =
        observer.observe(
            resource,
            context.getSecondaryResource(Deployment.class),
            context.getSecondaryResources(Job.class));
    if (observation.isEmpty()) {
      // MLflow's answer causes the next reconciliation; if it does not, there is another one.
      return UpdateControl.<IrisModel>noUpdate().rescheduleAfter(retryInterval);
    }
    Decision decision = apply(resource, context, observation.get());
    if (terminating.contains(resource)) {
      return UpdateControl.noUpdate();
    }
    if (hasSucceeded(observation.get().status(), decision.status())) {
      poller.askAgain(ResourceID.fromResource(resource));
    }
    boolean changed = statuses.isNew(resource, decision.status());
    if (changed) {
      statuses.write(resource, decision.status());
      decision.events().forEach(event -> events.record(resource, event));
    }
    // The next reconciliation may still see the old status; it decides the same then, except for
    // times.
    UpdateControl<IrisModel> control =
        changed
            ? UpdateControl.patchStatus(withStatus(resource, decision.status()))
            : UpdateControl.noUpdate();
    return next(decision, observation.get().now()).map(control::rescheduleAfter).orElse(control);
  }

  /** Whether a training has just logged another model. */
  private static boolean hasSucceeded(IrisModelStatus before, IrisModelStatus now) {
    return now.trainings().stream()
        .filter(training -> training.phase() == TrainingPhase.SUCCEEDED)
        .anyMatch(
            training ->
                before
                    .training(training.trigger())
                    .filter(reported -> reported.job().equals(training.job()))
                    .filter(reported -> reported.phase() == TrainingPhase.SUCCEEDED)
                    .isEmpty());
  }

  /** When to reconcile again if nothing happens; empty if only an event can change something. */
  private Optional<Duration> next(Decision decision, Instant now) {
    Optional<Duration> training =
        Optional.ofNullable(decision.status().schedule())
            .flatMap(schedule -> Optional.ofNullable(schedule.next()))
            .map(due -> Duration.between(now, Instant.parse(due)).plusSeconds(1));
    Optional<Duration> attention =
        switch (decision.attention()) {
          case ROLLING_OUT ->
              Optional.of(Collections.min(List.of(retryInterval, ROLLOUT_INTERVAL)));
          case WAITING -> Optional.of(retryInterval);
          case IDLE -> Optional.empty();
        };
    return Stream.of(training, attention).flatMap(Optional::stream).min(Comparator.naturalOrder());
  }

  private Decision apply(IrisModel resource, Context<IrisModel> context, Observation observation) {
    Decision decision = Decider.decide(observation);
    store.addInUse(resource, decision.copiesInUse());
    List<Exception> errors = new ArrayList<>();
    try {
      decision
          .newCopy()
          .ifPresent(c -> store.put(observation.resource().namespace(), c.model(), c.archive()));
      decision.obsoleteJobs().forEach(job -> delete(context, resource, job));
    } catch (KubernetesClientException e) {
      errors.add(e);
    }
    new ReconcileContext(decision, observation.source().trackingUri(), defaults, crds.isInstalled())
        .putInto(context);
    WorkflowReconcileResult result =
        context.managedWorkflowAndDependentResourceContext().reconcileManagedWorkflow();
    errors.addAll(result.getErroredDependents().values());
    if (errors.isEmpty()) {
      // Not before: if a change is not applied, what is served needs its copies.
      store.setInUse(resource, decision.copiesInUse());
      return decision;
    }
    errors.forEach(e -> terminating.failed(resource, e));
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
   * The spec or the retrain annotation has changed, or the status was removed; else the status is
   * written by the operator itself.
   */
  public static final class SpecOrRetrainChanged implements OnUpdateFilter<IrisModel> {
    @Override
    public boolean accept(IrisModel after, IrisModel before) {
      return !Objects.equals(
              after.getMetadata().getGeneration(), before.getMetadata().getGeneration())
          || !TrainingRequest.of(after).equals(TrainingRequest.of(before))
          || (after.getStatus() == null && before.getStatus() != null);
    }
  }
}
