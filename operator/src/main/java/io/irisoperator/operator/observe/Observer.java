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
import io.irisoperator.operator.api.TrainingPhase;
import java.net.URI;
import java.time.Clock;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Gathers what is decided on. */
public final class Observer {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_MESSAGE = 1000;

  private final ModelSource source;
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
      KubernetesClient client,
      URI defaultTrackingUri,
      boolean canTrain,
      Clock clock) {
    this.source = source;
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
    return new Observation(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        resource.getMetadata().getGeneration(),
        spec,
        status,
        trackingUri,
        source.resolve(trackingUri, spec.model()),
        deployment.map(d -> DeploymentState.of(d, PinnedModel.of(d))),
        RetrainRequest.of(resource)
            .map(request -> training(resource, spec, status, trackingUri, request, jobs)),
        canTrain,
        clock.instant());
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
