package io.irisoperator.contract;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The result of a training, a flat JSON object in the termination message of the trainer's
 * container. The object's fields are those of {@link #toFields()}; each side maps them to JSON with
 * the library that it has.
 *
 * @param runId the MLflow run
 * @param testAccuracy accuracy on the test data, from 0 to 1
 * @param testF1 weighted F1 on the test data, from 0 to 1
 * @param registration the new version in MLflow's model registry, if one was requested
 */
public record TrainerResult(
    String runId, double testAccuracy, double testF1, Optional<Registration> registration) {
  private static final String RUN_ID = "runId";
  private static final String TEST_ACCURACY = "testAccuracy";
  private static final String TEST_F1 = "testF1";
  private static final String REGISTERED_MODEL = "registeredModel";
  private static final String VERSION = "version";
  private static final String ALIAS_MOVED = "aliasMoved";

  /**
   * A version in MLflow's model registry.
   *
   * @param model the registered model
   * @param version its new version
   * @param aliasMoved whether the alias was moved to the new version
   */
  public record Registration(String model, String version, boolean aliasMoved) {}

  /** The fields of the JSON object, in order; those of a registration are absent without one. */
  public Map<String, Object> toFields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(RUN_ID, runId);
    fields.put(TEST_ACCURACY, testAccuracy);
    fields.put(TEST_F1, testF1);
    registration.ifPresent(
        r -> {
          fields.put(REGISTERED_MODEL, r.model());
          fields.put(VERSION, r.version());
          fields.put(ALIAS_MOVED, r.aliasMoved());
        });
    return fields;
  }

  /**
   * The result in a JSON object.
   *
   * @return empty if the object is not a result, as any program may write a termination message
   */
  public static Optional<TrainerResult> fromFields(Map<String, ?> fields) {
    if (fields.get(RUN_ID) instanceof String runId
        && fields.get(TEST_ACCURACY) instanceof Number testAccuracy
        && fields.get(TEST_F1) instanceof Number testF1) {
      Optional<Registration> registration =
          fields.get(REGISTERED_MODEL) instanceof String model
                  && fields.get(VERSION) instanceof String version
              ? Optional.of(
                  new Registration(model, version, Boolean.TRUE.equals(fields.get(ALIAS_MOVED))))
              : Optional.empty();
      return Optional.of(
          new TrainerResult(runId, testAccuracy.doubleValue(), testF1.doubleValue(), registration));
    }
    return Optional.empty();
  }
}
