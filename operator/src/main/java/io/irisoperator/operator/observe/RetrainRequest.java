package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.rollout.Fingerprint;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A training that is asked for. The Job's name follows from the resource and the texts, so that one
 * request is one Job, whoever creates it and however often.
 *
 * @param text what asks: the field's and the annotation's text
 * @param job the name of the Job that answers
 */
public record RetrainRequest(String text, String job) {
  /** The annotation that asks for a training, as {@code spec.training.retrain} does. */
  public static final String ANNOTATION = IrisModel.GROUP + "/retrain";

  /** The request of a resource; a change of either text makes it another one. */
  public static Optional<RetrainRequest> of(IrisModel resource) {
    Optional<String> field =
        Optional.ofNullable(resource.getSpec().training()).flatMap(t -> t.request());
    Optional<String> annotation =
        Optional.ofNullable(resource.getMetadata().getAnnotations())
            .map((Map<String, String> a) -> a.get(ANNOTATION))
            .filter(text -> !text.isBlank());
    if (field.isEmpty() && annotation.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RetrainRequest(
            Stream.of(field, annotation)
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", ")),
            job(resource, field.orElse(""), annotation.orElse(""))));
  }

  /** The request of a schedule that was due. */
  static RetrainRequest scheduled(IrisModel resource, Instant due) {
    return new RetrainRequest("schedule, due " + due, job(resource, "schedule", due.toString()));
  }

  private static String job(IrisModel resource, String one, String other) {
    String identity = String.join("\n", resource.getMetadata().getUid(), one, other);
    return resource.getMetadata().getName() + "-train-" + Fingerprint.ofText(identity);
  }
}
