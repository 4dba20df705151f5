package io.irisoperator.operator.rollout;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.rollout.RolloutState.Analyzing;
import io.irisoperator.operator.rollout.RolloutState.Initializing;
import io.irisoperator.operator.rollout.RolloutState.Progressing;
import io.irisoperator.operator.rollout.RolloutState.RollingBack;
import io.irisoperator.operator.rollout.RolloutState.Stable;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A rollout's state as an annotation of the Deployment, so that it changes together with the pods:
 * status may lag, or be lost.
 */
public final class RolloutAnnotation {
  public static final String NAME = IrisModel.GROUP + "/rollout";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          // A newer operator, or a newer Kubernetes, may write more.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private RolloutAnnotation() {}

  /** Reads it from a Deployment; empty if it is missing or invalid. */
  public static Optional<RolloutState> read(Deployment deployment) {
    return Optional.ofNullable(deployment.getMetadata().getAnnotations())
        .map((Map<String, String> a) -> a.get(NAME))
        .flatMap(RolloutAnnotation::read);
  }

  /** Reads the value; empty if it is invalid. */
  static Optional<RolloutState> read(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      Revision current = revision(json.path("current"));
      Optional<FailedRevision> failed =
          json.has("failed") ? Optional.of(failed(json.get("failed"))) : Optional.empty();
      return Optional.of(
          switch (json.path("state").asText()) {
            case "Initializing" -> new Initializing(current, failed);
            case "Progressing" -> new Progressing(current, revision(json.path("stable")), failed);
            case "Analyzing" ->
                new Analyzing(
                    current,
                    revision(json.path("stable")),
                    time(json.path("availableSince")),
                    json.path("failedWindows").asInt(),
                    failed);
            case "RollingBack" -> new RollingBack(current, failed);
            case "Stable" -> new Stable(current, time(json.path("availableSince")), failed);
            default -> throw new IllegalArgumentException("not a state of a rollout");
          });
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Instant time(JsonNode text) {
    return Instant.parse(text.asText());
  }

  private static Revision revision(JsonNode json) throws JsonProcessingException {
    return new Revision(
        json.path("id").asText(),
        model(json),
        time(json.path("since")),
        json.has("template")
            ? Optional.of(JSON.treeToValue(json.get("template"), PodTemplateSpec.class))
            : Optional.empty());
  }

  private static PinnedModel model(JsonNode json) throws JsonProcessingException {
    PinnedModel model = JSON.treeToValue(json.path("model"), PinnedModel.class);
    if (model == null || !model.isComplete()) {
      throw new IllegalArgumentException("no model to create pods for");
    }
    return model;
  }

  private static FailedRevision failed(JsonNode json) throws JsonProcessingException {
    return new FailedRevision(
        json.path("id").asText(),
        json.path("spec").asText(),
        model(json),
        json.path("message").asText(),
        time(json.path("time")));
  }

  /** Writes the value. */
  public static String write(RolloutState state) {
    ObjectNode json = JSON.createObjectNode();
    json.put("state", state.getClass().getSimpleName());
    json.set("current", json(state.current()));
    switch (state) {
      case Progressing s -> json.set("stable", json(s.stable()));
      case Analyzing s -> {
        json.set("stable", json(s.stable()));
        json.put("availableSince", s.availableSince().toString());
        json.put("failedWindows", s.failedWindows());
      }
      case Stable s -> json.put("availableSince", s.availableSince().toString());
      case Initializing _, RollingBack _ -> {}
    }
    state.failed().ifPresent(failed -> json.set("failed", json(failed)));
    return json.toString();
  }

  private static ObjectNode json(Revision revision) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", revision.id()).put("since", revision.since().toString());
    json.set("model", JSON.valueToTree(revision.model()));
    revision.template().ifPresent(template -> json.set("template", JSON.valueToTree(template)));
    return json;
  }

  private static ObjectNode json(FailedRevision failed) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", failed.id()).put("spec", failed.spec()).put("message", failed.message());
    json.put("time", failed.time().toString()).set("model", JSON.valueToTree(failed.model()));
    return json;
  }
}
