package io.irisoperator.operator.rollout;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * What pods are made of. The template is kept as it was made first: an operator of another version,
 * that would make it otherwise, leaves the pods alone until the resource changes.
 *
 * @param id equal for two when the pods of one do as those of the other
 * @param model that they serve
 * @param since when they were first wanted
 * @param template nothing where it is to be made
 */
public record Revision(
    String id, IrisModelStatus.Model model, Instant since, Optional<PodTemplateSpec> template) {

  /**
   * The id of what a spec and a model make. Not part of it is what changes nothing in a running
   * server: the number of pods, a version's number and alias, where MLflow is.
   */
  public static String id(IrisModelStatus.Model model, IrisModelSpec.Serving serving) {
    return Fingerprint.of(model.runId(), model.digest(), ofPods(serving));
  }

  /** A fingerprint of what a spec says of each pod. */
  public static String ofPods(IrisModelSpec.Serving serving) {
    String pods =
        Fingerprint.of(
            serving.resources(),
            serving.image(),
            serving.auth(),
            serving.tls(),
            serving.podTemplate());
    // A policy by itself gives pods a port more; whom it lets in changes nothing in them.
    boolean policyAlone =
        serving.networkPolicy() != null && serving.auth() == null && serving.tls() == null;
    return policyAlone ? Fingerprint.of(pods, true) : pods;
  }

  /** The same, told of anew. */
  Revision with(IrisModelStatus.Model fresher) {
    return new Revision(id, fresher, since, template);
  }

  /** With the template that was made for it. */
  public Revision with(PodTemplateSpec made) {
    return new Revision(id, model, since, Optional.of(made));
  }

  Revision since(Instant now) {
    return new Revision(id, model, now, template);
  }
}
