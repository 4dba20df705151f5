package io.irisoperator.server.predict;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

/**
 * An answer.
 *
 * @param prediction the class's name
 * @param confidence its probability
 */
@Serdeable
@Schema(description = "The predicted class and its probability")
record Prediction(
    @Schema(example = "setosa") String prediction, @Schema(example = "1.0") float confidence) {}
