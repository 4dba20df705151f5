package io.irisoperator.server.http;

import io.micronaut.core.annotation.Nullable;
import io.micronaut.serde.annotation.Serdeable;

/**
 * The one shape of a wrong request's answer.
 *
 * @param status the HTTP status
 * @param error its name
 * @param field the field that is wrong, where it is one
 * @param message what is wrong and what is allowed
 */
@Serdeable
public record Problem(int status, String error, @Nullable String field, String message) {}
