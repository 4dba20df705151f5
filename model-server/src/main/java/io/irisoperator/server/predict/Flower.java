package io.irisoperator.server.predict;

import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;

/** The shape of a request's body, for the API's description; {@link FlowerParser} reads it. */
@Serdeable
@Schema(description = "Four lengths in cm, each from 0 to 1000")
record Flower(
    @Schema(example = "5.1", minimum = "0", maximum = "1000") double sepal_length,
    @Schema(example = "3.5", minimum = "0", maximum = "1000") double sepal_width,
    @Schema(example = "1.4", minimum = "0", maximum = "1000") double petal_length,
    @Schema(example = "0.2", minimum = "0", maximum = "1000") double petal_width) {}
