package io.irisoperator.server.http;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.serde.annotation.Serdeable;

/**
 * The body of an error.
 *
 * @param status the HTTP status
 * @param error the name of the status
 * @param field the invalid field, if the error is about one
 * @param message what is wrong, and what is allowed
 */
@Serdeable
record Problem(int status, String error, @Nullable String field, String message) {}
