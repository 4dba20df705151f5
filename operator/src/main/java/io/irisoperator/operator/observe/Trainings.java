package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.irisoperator.contract.RunTags;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import java.net.URI;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How far the trainings of a resource are: from status, their Jobs, and what MLflow knows. */
final class Trainings {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int MAX_MESSAGE = 1000;

  private final ModelSource source;
  private final KubernetesClient client;

  Trainings(ModelSource source, KubernetesClient client) {
    this.source = source;
    this.client = client;
  }

  /** Where a resource's trainings go to. */
  private record Place(String namespace, IrisModelSpec spec, URI trackingUri) {
    String experiment() {
      return Observer.experiment(spec);
    }
  }

  /**
   * How far a training is: one whose Job is not through yet, though another is asked for, or the
   * one that is.
   *
   * @param told what status says of the last one of its kind; may be null, as in the resource
   */
  Optional<TrainingState> state(
      IrisModel resource,
      IrisModelSpec spec,
      URI trackingUri,
      Optional<RetrainRequest> asked,
      IrisModelStatus.Training told,
      Collection<Job> jobs) {
    Optional<IrisModelStatus.Training> last = Optional.ofNullable(told);
    return last.filter(t -> t.phase() != null && !t.phase().isOver())
        .filter(t -> jobs.stream().anyMatch(j -> j.getMetadata().getName().equals(t.job())))
        .map(t -> new RetrainRequest(t.request(), t.job()))
        .or(() -> asked)
        .map(request -> state(resource, spec, trackingUri, request, last, jobs));
  }

  private TrainingState state(
      IrisModel resource,
      IrisModelSpec spec,
      URI trackingUri,
      RetrainRequest request,
      Optional<IrisModelStatus.Training> told,
      Collection<Job> jobs) {
    Place place = new Place(resource.getMetadata().getNamespace(), spec, trackingUri);
    Optional<IrisModelStatus.Training> same =
        told.filter(t -> request.job().equals(t.job()) && t.phase() != null);
    Optional<IrisModelStatus.Training> over = same.filter(t -> t.phase().isOver());
    if (over.isPresent()) {
      return TrainingState.of(request, over.get());
    }
    Optional<Job> job =
        jobs.stream().filter(j -> j.getMetadata().getName().equals(request.job())).findFirst();
    if (job.isEmpty()) {
      TrainingState state = withoutJob(place, request);
      boolean deleted = state.isToBeBegun() && same.filter(t -> t.startTime() != null).isPresent();
      return deleted
          ? TrainingState.of(
              request,
              Optional.of(TrainingPhase.FAILED),
              Optional.empty(),
              "Job %s was deleted before it had ended: ask anew with another text"
                  .formatted(request.job()))
          : state;
    }
    boolean ran = same.filter(t -> t.phase() == TrainingPhase.RUNNING).isPresent();
    TrainingState state = ofJob(place, request, job.get(), ran);
    boolean lostRun =
        state.phase().equals(Optional.of(TrainingPhase.SUCCEEDED)) && state.runId().isEmpty();
    if (!lostRun) {
      return state;
    }
    // Its pod may be gone, and the last word with it; MLflow may know the run by the Job's tag.
    TrainingState known = withoutJob(place, request);
    return known.runId().isPresent() ? known : state;
  }

  /**
   * Neither status nor Job: it was never begun, or both were lost and MLflow knows what came of it.
   */
  private TrainingState withoutJob(Place place, RetrainRequest request) {
    try {
      Optional<String> run =
          source.runOf(place.trackingUri, place.experiment(), request.job(), true).map(Run::runId);
      if (run.isPresent()) {
        return TrainingState.of(
            request,
            Optional.of(TrainingPhase.SUCCEEDED),
            run,
            "run " + run.get() + " is FINISHED in MLflow");
      }
      return missingData(place)
          .map(
              missing ->
                  TrainingState.of(
                      request, Optional.of(TrainingPhase.PENDING), Optional.empty(), missing))
          .orElseGet(() -> TrainingState.of(request, Optional.empty(), Optional.empty(), ""));
    } catch (MlflowException e) {
      return TrainingState.of(
          request,
          Optional.of(TrainingPhase.PENDING),
          Optional.empty(),
          "the training starts once MLflow answers: " + e.getMessage());
    }
  }

  /** A Job whose volume is not there would wait without a word. */
  private Optional<String> missingData(Place place) {
    IrisModelSpec.Data data = place.spec.training().data();
    if (data == null) {
      return Optional.empty();
    }
    if (data.configMap() != null
        && client.configMaps().inNamespace(place.namespace).withName(data.configMap()).get()
            == null) {
      return Optional.of(
          "the training starts once ConfigMap %s (training.data.configMap) is there"
              .formatted(data.configMap()));
    }
    if (data.persistentVolumeClaim() != null
        && client
                .persistentVolumeClaims()
                .inNamespace(place.namespace)
                .withName(data.persistentVolumeClaim())
                .get()
            == null) {
      return Optional.of(
          "the training starts once PersistentVolumeClaim %s (training.data.persistentVolumeClaim) is there"
              .formatted(data.persistentVolumeClaim()));
    }
    return Optional.empty();
  }

  private TrainingState ofJob(Place place, RetrainRequest request, Job job, boolean ran) {
    JobStatus status = Optional.ofNullable(job.getStatus()).orElseGet(JobStatus::new);
    TrainingPhase phase = phase(status, ran);
    String word = phase.isOver() ? lastWord(place.namespace, request.job()).orElse("") : "";
    JsonNode result = phase == TrainingPhase.SUCCEEDED ? json(word) : MissingNode.getInstance();
    Optional<Run> running =
        phase == TrainingPhase.RUNNING ? running(place, request) : Optional.empty();
    String message =
        switch (phase) {
          case PENDING -> "Job " + request.job() + " waits for its pod";
          case RUNNING -> "Job " + request.job() + " is training";
          case SUCCEEDED -> succeeded(request, result, place.spec.training().registerAs());
          case FAILED ->
              "Job %s has failed: %s"
                  .formatted(request.job(), word.isEmpty() ? failure(status) : word);
        };
    Map<String, Double> metrics = new TreeMap<>();
    if (result.path("testAccuracy").isNumber()) {
      metrics.put("test_accuracy", result.path("testAccuracy").asDouble());
    }
    if (result.path("testF1").isNumber()) {
      metrics.put("test_f1", result.path("testF1").asDouble());
    }
    return new TrainingState(
        request.text(),
        request.job(),
        Optional.of(phase),
        Optional.ofNullable(result.path("runId").textValue()).or(() -> running.map(Run::runId)),
        Optional.ofNullable(status.getStartTime()),
        TrainingJob.end(status).map(JobCondition::getLastTransitionTime),
        running.map(run -> run.tags().get(RunTags.TREES_BUILT)),
        metrics,
        message);
  }

  private static String succeeded(
      RetrainRequest request, JsonNode result, IrisModelSpec.RegisterAs registerAs) {
    if (!result.has("runId")) {
      return "Job " + request.job() + " has succeeded";
    }
    String message =
        "run %s, test accuracy %s"
            .formatted(
                result.path("runId").asText(), result.path("testAccuracy").asText("unknown"));
    if (!result.has("version")) {
      return message;
    }
    message +=
        "; registered as version %s of %s"
            .formatted(result.path("version").asText(), result.path("registeredModel").asText());
    if (registerAs == null || registerAs.alias() == null) {
      return message;
    }
    return message
        + (result.path("aliasMoved").asBoolean()
            ? ", alias %s moved to it".formatted(registerAs.alias())
            : ", alias %s not moved: training.registerAs.minimumAccuracy is %s"
                .formatted(registerAs.alias(), registerAs.minimumAccuracy()));
  }

  /** The run that a Job is logging to: to tell how far it is, and no more. */
  private Optional<Run> running(Place place, RetrainRequest request) {
    try {
      return source.runOf(place.trackingUri, place.experiment(), request.job(), false);
    } catch (MlflowException e) {
      return Optional.empty();
    }
  }

  /** Between a pod's end and the Job's, no pod is ready: what ran goes on running. */
  private static TrainingPhase phase(JobStatus status, boolean ran) {
    Optional<JobCondition> end = TrainingJob.end(status);
    if (end.isPresent()) {
      return end.get().getType().equals("Complete")
          ? TrainingPhase.SUCCEEDED
          : TrainingPhase.FAILED;
    }
    boolean ready = status.getReady() != null && status.getReady() > 0;
    return ready || ran ? TrainingPhase.RUNNING : TrainingPhase.PENDING;
  }

  private static String failure(JobStatus status) {
    return TrainingJob.end(status)
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

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
