package io.irisoperator.server.error;

import io.micronaut.http.HttpStatus;
import java.util.Optional;

/** A request that is understood and refused. */
public final class BadFieldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final String field;

  /** The whole body is wrong. */
  public BadFieldException(String message) {
    this(HttpStatus.BAD_REQUEST, "", message);
  }

  /** One field is wrong. */
  public BadFieldException(String field, String message) {
    this(HttpStatus.UNPROCESSABLE_ENTITY, field, message);
  }

  private BadFieldException(HttpStatus status, String field, String message) {
    // A stack trace of a client's mistake tells nobody anything.
    super(message, null, false, false);
    this.status = status;
    this.field = field;
  }

  HttpStatus status() {
    return status;
  }

  Optional<String> field() {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
