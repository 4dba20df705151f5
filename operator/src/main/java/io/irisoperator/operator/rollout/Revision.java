package io.irisoperator.operator.rollout;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.ServingSpec;
import java.time.Instant;
import java.util.Optional;

/**
 * What pods are created from. The template is kept as it was first generated: an operator of
 * another version, which would generate another one, does not restart pods until the resource
 * changes.
 *
 * @param id equal for two revisions whose pods do the same
 * @param model the model that they serve
 * @param since when the revision was first requested
 * @param template empty until it is generated
 */
public record Revision(
    String id, PinnedModel model, Instant since, Optional<PodTemplateSpec> template) {

  /** A revision without a template yet. */
  public static Revision of(PinnedModel model, ServingSpec serving, Instant since) {
    return new Revision(id(model, serving), model, since, Optional.empty());
  }

  /**
   * The id of a model and a spec. It leaves out what changes nothing in a running server: the
   * number of pods, a version's number and alias, the address of MLflow.
   */
  public static String id(PinnedModel model, ServingSpec serving) {
    return Fingerprint.of(model.runId(), model.digest(), ofPods(serving));
  }

  /** A fingerprint of what a spec says about each pod. */
  public static String ofPods(ServingSpec serving) {
    String pods =
        Fingerprint.of(
            serving.resources(),
            serving.image(),
            serving.auth(),
            serving.tls(),
            serving.podTemplate());
    // A policy alone adds the management port; which namespaces it allows changes no pod.
    boolean policyAlone =
        serving.networkPolicy() != null && serving.auth() == null && serving.tls() == null;
    return policyAlone ? Fingerprint.of(pods, true) : pods;
  }

  Revision withModel(PinnedModel fresher) {
    return new Revision(id, fresher, since, template);
  }

  Revision withTemplate(PodTemplateSpec generated) {
    return new Revision(id, model, since, Optional.of(generated));
  }

  Revision since(Instant now) {
    return new Revision(id, model, now, template);
  }
}
