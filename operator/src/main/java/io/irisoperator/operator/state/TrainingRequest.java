package io.irisoperator.operator.state;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.rollout.Fingerprint;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A request for a training. The name of the Job follows from the resource and the request, so that
 * one request is one Job, whichever operator creates it and however often.
 *
 * @param text the text of the field and of the annotation, or the time that was due
 * @param job the name of the Job
 */
public record TrainingRequest(TrainingTrigger trigger, String text, String job) {
  /** The annotation that requests a training, as {@code spec.training.retrain} does. */
  public static final String ANNOTATION = IrisModel.GROUP + "/retrain";

  /** The request by field or annotation; a change of either is a new request. */
  public static Optional<TrainingRequest> of(IrisModel resource) {
    Optional<String> field = resource.getSpec().training().request();
    Optional<String> annotation =
        Optional.ofNullable(resource.getMetadata().getAnnotations())
            .map((Map<String, String> a) -> a.get(ANNOTATION))
            .filter(text -> !text.isBlank());
    if (field.isEmpty() && annotation.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new TrainingRequest(
            TrainingTrigger.REQUEST,
            Stream.of(field, annotation)
                .flatMap(Optional::stream)
                .collect(Collectors.joining(", ")),
            job(resource, field.orElse(""), annotation.orElse(""))));
  }

  /** The request by the schedule. */
  public static TrainingRequest scheduled(IrisModel resource, Instant due) {
    return new TrainingRequest(
        TrainingTrigger.SCHEDULE,
        "schedule, due " + due,
        job(resource, "schedule", due.toString()));
  }

  private static String job(IrisModel resource, String one, String other) {
    String identity = String.join("\n", resource.getMetadata().getUid(), one, other);
    return resource.getMetadata().getName() + "-train-" + Fingerprint.ofText(identity);
  }
}
