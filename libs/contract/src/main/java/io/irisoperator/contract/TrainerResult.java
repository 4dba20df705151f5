package io.irisoperator.contract;

import java.util.Optional;

/**
 * The result of a training, as JSON in the termination message of the trainer's container. The
 * components are the JSON's fields.
 *
 * @param runId the MLflow run
 * @param testAccuracy accuracy on the test data, from 0 to 1
 * @param testF1 macro-averaged F1 on the test data, from 0 to 1
 * @param registeredModel the registered model, if one was requested
 * @param version its new version
 * @param aliasMoved whether the alias was moved to the new version
 */
public record TrainerResult(
    String runId,
    double testAccuracy,
    double testF1,
    Optional<String> registeredModel,
    Optional<String> version,
    boolean aliasMoved) {}
