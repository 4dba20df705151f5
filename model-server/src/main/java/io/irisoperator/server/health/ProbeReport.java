package io.irisoperator.server.health;

import io.micronaut.serde.annotation.Serdeable;

/** The response to a probe. */
@Serdeable
record ProbeReport(String message) {}
