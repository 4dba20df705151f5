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
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.PinnedModel;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * How far a Deployment is from one revision to the next. Written on the Deployment itself, so that
 * it changes together with the pods; status may lag, or be lost.
 *
 * @param current what pods are made of
 * @param complete when all pods were of it and served for the first time
 * @param stable what to go back to while the current one has not proven itself
 * @param rejected what was gone back from
 */
public record Rollout(
    Revision current,
    Optional<Instant> complete,
    Optional<Revision> stable,
    Optional<Rejected> rejected) {
  public static final String ANNOTATION = IrisModel.GROUP + "/rollout";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          // A newer operator, or a newer Kubernetes, may know more.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Of a Deployment that is to be made. */
  public static Rollout first(Revision revision) {
    return new Rollout(revision, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Whether there is something to go back to. */
  public boolean canGoBack() {
    return stable.isPresent() && !stable.get().id().equals(current.id());
  }

  /** The same with a fresher word of the model that is served. */
  public Rollout with(IrisModelStatus.Model model) {
    return new Rollout(current.with(model), complete, stable, rejected);
  }

  /** The same with the template that was made for the current revision. */
  public Rollout with(PodTemplateSpec made) {
    return new Rollout(current.with(made), complete, stable, rejected);
  }

  /** The same with nothing held against any model. */
  public Rollout forgiving() {
    return new Rollout(current, complete, stable, Optional.empty());
  }

  /** On to another revision: what has served once is what to go back to. */
  public Rollout to(Revision next) {
    Optional<Revision> good = complete.isPresent() ? Optional.of(current) : stable;
    return good.filter(g -> g.id().equals(next.id()))
        .map(
            g ->
                new Rollout(
                    g.with(next.model()).since(next.since()),
                    Optional.empty(),
                    good,
                    Optional.<Rejected>empty()))
        .orElseGet(() -> new Rollout(next, Optional.empty(), good, Optional.empty()));
  }

  /** All pods are of the current revision and serve. */
  public Rollout completed(Instant now) {
    return new Rollout(
        current, Optional.of(now), canGoBack() ? stable : Optional.empty(), rejected);
  }

  /** The current revision has proven itself. */
  public Rollout proven() {
    return new Rollout(current, complete, Optional.empty(), rejected);
  }

  /** Back to what served before. */
  public Rollout back(Instant now, Optional<Rejected> reason) {
    return new Rollout(
        stable.orElseThrow().since(now), Optional.empty(), stable, reason.or(() -> rejected));
  }

  /** Reads a Deployment; nothing where somebody has removed or broken the annotation. */
  public static Optional<Rollout> of(Deployment deployment) {
    return Optional.ofNullable(deployment.getMetadata().getAnnotations())
        .map((Map<String, String> a) -> a.get(ANNOTATION))
        .flatMap(Rollout::read);
  }

  static Optional<Rollout> read(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      return Optional.of(
          new Rollout(
              revision(json.path("current")),
              time(json.path("complete")),
              json.has("stable") ? Optional.of(revision(json.get("stable"))) : Optional.empty(),
              json.has("rejected")
                  ? Optional.of(rejected(json.get("rejected")))
                  : Optional.empty()));
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> time(JsonNode text) {
    return text.isTextual() ? Optional.of(Instant.parse(text.asText())) : Optional.empty();
  }

  private static Revision revision(JsonNode json) throws JsonProcessingException {
    return new Revision(
        json.path("id").asText(),
        model(json),
        Instant.parse(json.path("since").asText()),
        json.has("template")
            ? Optional.of(JSON.treeToValue(json.get("template"), PodTemplateSpec.class))
            : Optional.empty());
  }

  private static IrisModelStatus.Model model(JsonNode json) throws JsonProcessingException {
    IrisModelStatus.Model model = JSON.treeToValue(json.path("model"), IrisModelStatus.Model.class);
    if (model == null || !PinnedModel.isWhole(model)) {
      throw new IllegalArgumentException("no model to make pods for");
    }
    return model;
  }

  private static Rejected rejected(JsonNode json) throws JsonProcessingException {
    return new Rejected(
        json.path("id").asText(),
        json.path("spec").asText(),
        model(json),
        json.path("message").asText(),
        Instant.parse(json.path("time").asText()));
  }

  /** The annotation's value. */
  public String write() {
    ObjectNode json = JSON.createObjectNode();
    json.set("current", json(current));
    complete.ifPresent(when -> json.put("complete", when.toString()));
    stable.ifPresent(revision -> json.set("stable", json(revision)));
    rejected.ifPresent(
        r -> {
          ObjectNode of = json.putObject("rejected");
          of.put("id", r.id()).put("spec", r.spec()).put("message", r.message());
          of.put("time", r.time().toString()).set("model", JSON.valueToTree(r.model()));
        });
    return json.toString();
  }

  private static ObjectNode json(Revision revision) {
    ObjectNode json = JSON.createObjectNode();
    json.put("id", revision.id()).put("since", revision.since().toString());
    json.set("model", JSON.valueToTree(revision.model()));
    revision.template().ifPresent(template -> json.set("template", JSON.valueToTree(template)));
    return json;
  }
}
