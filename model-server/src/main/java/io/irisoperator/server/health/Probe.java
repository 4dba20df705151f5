package io.irisoperator.server.health;

import io.micronaut.serde.annotation.Serdeable;

/** The answer to a probe. */
@Serdeable
record Probe(String message) {}
