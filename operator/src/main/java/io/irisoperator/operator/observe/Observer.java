package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.rollout.Rejected;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.store.ModelStore;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Gathers what is decided on. */
public final class Observer {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_MESSAGE = 1000;

  private final ModelSource source;
  private final ModelStore store;
  private final ServingPods pods;
  private final KubernetesClient client;
  private final URI defaultTrackingUri;
  private final boolean canTrain;
  private final Clock clock;

  /**
   * An observer.
   *
   * @param canTrain whether there is a trainer
   */
  public Observer(
      ModelSource source,
      ModelStore store,
      ServingPods pods,
      KubernetesClient client,
      URI defaultTrackingUri,
      boolean canTrain,
      Clock clock) {
    this.source = source;
    this.store = store;
    this.pods = pods;
    this.client = client;
    this.defaultTrackingUri = defaultTrackingUri;
    this.canTrain = canTrain;
    this.clock = clock;
  }

  /** Observes a resource, with the dependents that the caches hold. */
  public Observation observe(
      IrisModel resource, Optional<Deployment> deployment, Collection<Job> jobs) {
    IrisModelSpec spec = resource.getSpec().orDefault();
    IrisModelStatus status =
        Optional.ofNullable(resource.getStatus()).orElseGet(IrisModelStatus::none);
    URI trackingUri = trackingUri(spec);
    Optional<DeploymentState> state = deployment.map(DeploymentState::of);
    Optional<Rollout> rollout = state.flatMap(DeploymentState::rollout);
    Map<String, StoredModel> stored = store.list(resource);
    return new Observation(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        resource.getMetadata().getGeneration(),
        spec,
        status,
        trackingUri,
        Optional.ofNullable(spec.rollout().rollbackTo())
            .map(to -> ofHistory(to, status, rollout))
            .orElseGet(
                () ->
                    source.resolve(
                        trackingUri, spec.model(), stored, rollout.map(r -> r.current().model()))),
        stored,
        state,
        state.map(s -> pods(resource, spec, s)).orElse(PodsState.WELL),
        RetrainRequest.of(resource)
            .map(request -> training(resource, spec, status, trackingUri, request, jobs)),
        canTrain,
        clock.instant());
  }

  /** Only while something is going on: well pods have nothing to say. */
  private PodsState pods(IrisModel resource, IrisModelSpec spec, DeploymentState state) {
    Optional<Rollout> rollout = state.rollout();
    if (rollout.isEmpty()) {
      return PodsState.WELL;
    }
    boolean watched = rollout.get().complete().isPresent() && rollout.get().canGoBack();
    boolean settled =
        rollout.get().complete().isPresent()
            && !watched
            && state.ready() >= spec.serving().replicas();
    return settled
        ? PodsState.WELL
        : pods.look(
            resource,
            rollout.get().current(),
            watched ? Optional.of(spec.rollout().analysis()) : Optional.empty());
  }

  /** What a person wants to go back to: known from status, and stored in the cluster. */
  private static Resolution ofHistory(
      String rollbackTo, IrisModelStatus status, Optional<Rollout> rollout) {
    List<IrisModelStatus.Model> known =
        Stream.of(
                rollout.map(r -> r.current().model()).stream(),
                rollout.flatMap(Rollout::stable).map(Revision::model).stream(),
                rollout.flatMap(Rollout::rejected).map(Rejected::model).stream(),
                Optional.ofNullable(status.model()).stream(),
                status.history().stream().map(IrisModelStatus.Served::model))
            .flatMap(models -> models)
            .toList();
    return known.stream()
        .filter(m -> rollbackTo.equals(m.digest()) || rollbackTo.equals(m.runId()))
        .findFirst()
        .<Resolution>map(m -> new Resolution.Resolved(m, Optional.empty()))
        .orElseGet(
            () ->
                new Resolution.Unresolved(
                    Reason.NOT_IN_HISTORY,
                    "rollout.rollbackTo names %s, which was not served: name one of the runs %s, or their digests"
                        .formatted(
                            rollbackTo,
                            known.stream().map(IrisModelStatus.Model::runId).distinct().toList())));
  }

  /** The MLflow server that a resource names, or the operator's own. */
  private URI trackingUri(IrisModelSpec spec) {
    return Optional.ofNullable(spec.mlflow().trackingUri())
        .map(URI::create)
        .orElse(defaultTrackingUri);
  }

  /** The experiment that a resource's trainings log to. */
  public static String experiment(IrisModelSpec spec) {
    return Optional.ofNullable(spec.training().experiment())
        .or(() -> Optional.ofNullable(spec.model().latest()).map(l -> l.experiment()))
        .orElse("iris_classification");
  }

  private TrainingState training(
      IrisModel resource,
      IrisModelSpec spec,
      IrisModelStatus status,
      URI trackingUri,
      RetrainRequest request,
      Collection<Job> jobs) {
    Optional<IrisModelStatus.Training> known =
        Optional.ofNullable(status.training())
            .filter(t -> request.job().equals(t.job()) && t.phase() != null && t.phase().isOver());
    if (known.isPresent()) {
      IrisModelStatus.Training t = known.get();
      return new TrainingState(
          request.text(),
          request.job(),
          Optional.of(t.phase()),
          Optional.ofNullable(t.runId()),
          Optional.ofNullable(t.startTime()),
          Optional.ofNullable(t.completionTime()),
          t.message());
    }
    Optional<Job> job =
        jobs.stream().filter(j -> j.getMetadata().getName().equals(request.job())).findFirst();
    if (job.isPresent()) {
      boolean ran =
          status.training() != null
              && request.job().equals(status.training().job())
              && status.training().phase() == TrainingPhase.RUNNING;
      TrainingState state = ofJob(resource.getMetadata().getNamespace(), request, job.get(), ran);
      boolean lostRun =
          state.phase().equals(Optional.of(TrainingPhase.SUCCEEDED)) && state.runId().isEmpty();
      if (!lostRun) {
        return state;
      }
      // Its pod may be gone, and the last word with it; MLflow may know the run by the Job's tag.
      TrainingState told = withoutJob(spec, trackingUri, request);
      return told.runId().isPresent() ? told : state;
    }
    return withoutJob(spec, trackingUri, request);
  }

  /**
   * Neither status nor Job: it was never begun, or both were lost and MLflow knows what came of it.
   */
  private TrainingState withoutJob(IrisModelSpec spec, URI trackingUri, RetrainRequest request) {
    try {
      Optional<String> run = source.finishedRunOf(trackingUri, experiment(spec), request.job());
      return new TrainingState(
          request.text(),
          request.job(),
          run.map(id -> TrainingPhase.SUCCEEDED),
          run,
          Optional.empty(),
          Optional.empty(),
          run.map(id -> "run " + id + " is FINISHED in MLflow").orElse(""));
    } catch (MlflowException e) {
      return new TrainingState(
          request.text(),
          request.job(),
          Optional.of(TrainingPhase.PENDING),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          "the training starts once MLflow answers: " + e.getMessage());
    }
  }

  private TrainingState ofJob(String namespace, RetrainRequest request, Job job, boolean ran) {
    JobStatus status = Optional.ofNullable(job.getStatus()).orElseGet(JobStatus::new);
    TrainingPhase phase = phase(status, ran);
    String word = phase.isOver() ? lastWord(namespace, request.job()).orElse("") : "";
    Optional<String> runId =
        phase == TrainingPhase.SUCCEEDED ? field(word, "runId") : Optional.empty();
    String message =
        switch (phase) {
          case PENDING -> "Job " + request.job() + " waits for its pod";
          case RUNNING -> "Job " + request.job() + " is training";
          case SUCCEEDED ->
              runId
                  .map(
                      id ->
                          "run %s, test accuracy %s"
                              .formatted(id, field(word, "testAccuracy").orElse("unknown")))
                  .orElse("Job " + request.job() + " has succeeded");
          case FAILED ->
              word.isEmpty()
                  ? "Job %s has failed: %s".formatted(request.job(), failure(status))
                  : "Job %s has failed: %s".formatted(request.job(), word);
        };
    return new TrainingState(
        request.text(),
        request.job(),
        Optional.of(phase),
        runId,
        Optional.ofNullable(status.getStartTime()),
        over(status).map(JobCondition::getLastTransitionTime),
        message);
  }

  /** Between a pod's end and the Job's, no pod is ready: what ran goes on running. */
  private static TrainingPhase phase(JobStatus status, boolean ran) {
    Optional<JobCondition> over = over(status);
    if (over.isPresent()) {
      return over.get().getType().equals("Complete")
          ? TrainingPhase.SUCCEEDED
          : TrainingPhase.FAILED;
    }
    boolean ready = status.getReady() != null && status.getReady() > 0;
    return ready || ran ? TrainingPhase.RUNNING : TrainingPhase.PENDING;
  }

  private static Optional<JobCondition> over(JobStatus status) {
    return status.getConditions().stream()
        .filter(c -> "True".equals(c.getStatus()))
        .filter(c -> c.getType().equals("Complete") || c.getType().equals("Failed"))
        .findFirst();
  }

  private static String failure(JobStatus status) {
    return over(status)
        .map(c -> c.getReason() + ": " + c.getMessage())
        .orElse("see kubectl describe job");
  }

  /**
   * The termination message of the Job's last container: the trainer's result, or why there is
   * none.
   */
  private Optional<String> lastWord(String namespace, String job) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel("batch.kubernetes.io/job-name", job)
        .list()
        .getItems()
        .stream()
        .map(Pod::getStatus)
        .flatMap(s -> s.getContainerStatuses().stream())
        .map(ContainerStatus::getState)
        .filter(s -> s.getTerminated() != null && s.getTerminated().getMessage() != null)
        .map(s -> s.getTerminated())
        .max(Comparator.comparing(t -> Optional.ofNullable(t.getFinishedAt()).orElse("")))
        .map(t -> t.getMessage().strip())
        .map(text -> text.substring(0, Math.min(text.length(), MAX_MESSAGE)));
  }

  private static Optional<String> field(String json, String name) {
    try {
      JsonNode value = JSON.readTree(json).path(name);
      return value.isValueNode() ? Optional.of(value.asText()) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
