package io.irisoperator.operator.observe;

import io.irisoperator.operator.api.TrainingPhase;
import java.util.Optional;

/**
 * A training that is asked for, and how far it is.
 *
 * @param request the text that asks
 * @param job the name of the Job that answers, there or not
 * @param phase nothing where no Job is there and none is known to have been
 * @param runId the run that came of it
 * @param message what there is to say; empty where nothing is
 */
public record TrainingState(
    String request,
    String job,
    Optional<TrainingPhase> phase,
    Optional<String> runId,
    Optional<String> startTime,
    Optional<String> completionTime,
    String message) {}
