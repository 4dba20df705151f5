package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was observed and pinned. Absent components are null, as Jackson leaves them, and are not
 * written.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IrisModelStatus(
    @JsonPropertyDescription("The generation that this status is about.") Long observedGeneration,
    @JsonPropertyDescription("Ready, ModelResolved, Available, Training, Degraded.")
        List<Condition> conditions,
    @JsonPropertyDescription("The model that the pods are pinned to.") Model model,
    @JsonPropertyDescription("Where predictions are asked for inside the cluster.") String url,
    @StatusReplicas @JsonPropertyDescription("Pods there are.") Integer replicas,
    @JsonPropertyDescription("Pods that serve.") Integer readyReplicas,
    @LabelSelector @JsonPropertyDescription("The pods' labels, for autoscalers.") String selector,
    @JsonPropertyDescription("The last training that was asked for.") Training training,
    @JsonPropertyDescription("The last training that the schedule asked for.")
        Training scheduledTraining,
    @JsonPropertyDescription("The schedule that is followed.") Schedule schedule,
    @JsonPropertyDescription("The last ten models served before, newest first.")
        List<Served> history,
    @JsonPropertyDescription("The model that was gone back from, until spec or source change.")
        Rejected rejected) {

  public IrisModelStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
    history = history == null ? List.of() : List.copyOf(history);
  }

  /** Of a resource that nobody has looked at yet. */
  public static IrisModelStatus none() {
    return new IrisModelStatus(
        null, null, null, null, null, null, null, null, null, null, null, null);
  }

  /**
   * A model, pinned.
   *
   * @param registeredModel its name in MLflow's registry, where it came from there
   * @param alias that it was asked for by, where it was
   * @param version of the registered model
   * @param experiment whose newest run it is, where it was asked for so
   * @param trackingUri the MLflow server that has it
   * @param artifactPath the model folder's name below the run
   * @param artifactUri the model folder's
   * @param digest of the model folder, {@code sha256:…}
   * @param finished when the run ended
   * @param metrics the run's scores
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Model(
      @JsonPropertyDescription("The MLflow run.") String runId,
      @JsonPropertyDescription("The registered model.") String registeredModel,
      @JsonPropertyDescription("The alias that led to the version.") String alias,
      @JsonPropertyDescription("The registered model's version.") String version,
      @JsonPropertyDescription("The experiment whose newest run it is.") String experiment,
      @JsonPropertyDescription("The MLflow server that has it.") String trackingUri,
      @JsonPropertyDescription("The model folder's name below the run.") String artifactPath,
      @JsonPropertyDescription("Where MLflow keeps the model folder.") String artifactUri,
      @JsonPropertyDescription("The model folder's digest.") String digest,
      @JsonPropertyDescription("When the run ended.") String finished,
      // The client sends an empty map as null, and the API server refuses the status for it.
      @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("The run's scores.")
          Map<String, Double> metrics) {

    public Model {
      metrics =
          metrics == null
              ? Collections.emptySortedMap()
              : Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
    }
  }

  /** A training that was asked for. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Training(
      @JsonPropertyDescription("The text that asked for it.") String request,
      @JsonPropertyDescription("The Job that answers it.") String job,
      @JsonPropertyDescription("The MLflow run that came of it.") String runId,
      @JsonPropertyDescription("Pending, Running, Succeeded or Failed.") TrainingPhase phase,
      @JsonPropertyDescription("When the Job started.") String startTime,
      @JsonPropertyDescription("When the Job ended.") String completionTime,
      @JsonPropertyDescription("How long it took.") String duration,
      @JsonPropertyDescription("How many trees there are so far, such as 57/100.")
          String treesBuilt,
      // The client sends an empty map as null, and the API server refuses the status for it.
      @JsonInclude(JsonInclude.Include.NON_EMPTY)
          @JsonPropertyDescription("The scores of the model that came of it.")
          Map<String, Double> metrics,
      @JsonPropertyDescription("What there is to say of it.") String message) {

    public Training {
      metrics =
          metrics == null
              ? Collections.emptySortedMap()
              : Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
    }
  }

  /** A schedule, since when it is followed. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Schedule(
      @JsonPropertyDescription("Five fields of cron.") String expression,
      @JsonPropertyDescription("The time zone.") String timeZone,
      @JsonPropertyDescription("Since when; what was due before is not caught up on.") String since,
      @JsonPropertyDescription("When it is due next.") String next) {}

  /** A model that was served. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Served(
      @JsonPropertyDescription("The model.") Model model,
      @JsonPropertyDescription("Since when pods were made for it.") String since,
      @JsonPropertyDescription("When it was replaced.") String until,
      @JsonPropertyDescription("Why.") String ended) {}

  /** A model that was gone back from. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Rejected(
      @JsonPropertyDescription("The MLflow run.") String runId,
      @JsonPropertyDescription("The model folder's digest.") String digest,
      @JsonPropertyDescription("Why.") String message,
      @JsonPropertyDescription("When.") String time) {}
}
