package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import java.util.Optional;

/**
 * The observed state of an IrisModel. Components without a value are null, as Jackson leaves them,
 * and are not written.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record IrisModelStatus(
    @JsonPropertyDescription("The generation that this status describes.") Long observedGeneration,
    @JsonPropertyDescription(
            "The conditions Ready, Progressing, Available, Degraded, ModelResolved and Training.")
        List<Condition> conditions,
    @JsonPropertyDescription("The model that the pods are pinned to.") PinnedModel model,
    @JsonPropertyDescription("The URL for predictions inside the cluster.") String url,
    @StatusReplicas @JsonPropertyDescription("The number of pods.") Integer replicas,
    @JsonPropertyDescription("The number of ready pods.") Integer readyReplicas,
    @LabelSelector @JsonPropertyDescription("The label selector of the pods, for autoscalers.")
        String selector,
    @JsonPropertyDescription("The last training of each trigger.") List<TrainingStatus> trainings,
    @JsonPropertyDescription("The schedule of trainings in effect.") ScheduleStatus schedule,
    @JsonPropertyDescription(
            "The models served before, newest first; at most rollout.revisionHistoryLimit.")
        List<HistoryEntry> history,
    @JsonPropertyDescription(
            "The model that was rolled back. It is retried when the spec or the source changes.")
        FailedRollout failedRollout) {

  public IrisModelStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
    trainings = trainings == null ? List.of() : List.copyOf(trainings);
    history = history == null ? List.of() : List.copyOf(history);
  }

  /** The status of a resource that was never reconciled. */
  public static IrisModelStatus none() {
    return new IrisModelStatus(null, null, null, null, null, null, null, null, null, null, null);
  }

  /** The condition of a type, if it was evaluated before. */
  public Optional<Condition> condition(ConditionType type) {
    return conditions.stream().filter(c -> c.getType().equals(type.toString())).findFirst();
  }

  /** The last training of a trigger. */
  public Optional<TrainingStatus> training(TrainingTrigger trigger) {
    return trainings.stream().filter(t -> t.trigger() == trigger).findFirst();
  }
}
