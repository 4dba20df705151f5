package io.irisoperator.server.http;

import com.fasterxml.jackson.core.JacksonException;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.util.Optional;

/** A request that is understood and refused. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final HttpStatus status;
  private final String field;

  private RefusedException(HttpStatus status, String field, String message) {
    // A stack trace of a client's mistake tells nobody anything.
    super(message, null, false, false);
    this.status = status;
    this.field = field;
  }

  /** The body as a whole is wrong, or its protocol has this status for whatever is. */
  public static RefusedException badRequest(String message) {
    return new RefusedException(HttpStatus.BAD_REQUEST, "", message);
  }

  /** The body is no JSON, nor perhaps a text in an encoding that JSON may have. */
  public static RefusedException notJson(IOException e) {
    String why =
        e instanceof JacksonException jackson ? jackson.getOriginalMessage() : e.getMessage();
    return badRequest("the body is not JSON: " + why);
  }

  /** One field is wrong. */
  public static RefusedException badField(String field, String message) {
    return new RefusedException(HttpStatus.UNPROCESSABLE_ENTITY, field, message);
  }

  public static RefusedException notFound(String message) {
    return new RefusedException(HttpStatus.NOT_FOUND, "", message);
  }

  /** There is no model yet: to be asked again soon. */
  public static RefusedException notReady(String message) {
    return new RefusedException(HttpStatus.SERVICE_UNAVAILABLE, "", message);
  }

  HttpStatus status() {
    return status;
  }

  Optional<String> field() {
    return field.isEmpty() ? Optional.empty() : Optional.of(field);
  }
}
