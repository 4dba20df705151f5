package io.irisoperator.server.http;

import io.micronaut.http.HttpStatus;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/** The body of an error, in the format of the protocol that the path belongs to. */
@Singleton
public final class ErrorBody {
  private final List<ErrorFormat> formats;

  ErrorBody(List<ErrorFormat> formats) {
    this.formats = List.copyOf(formats);
  }

  /** A {@link Problem}, unless a protocol has its own format. */
  public Object of(String path, HttpStatus status, Optional<String> field, String message) {
    for (ErrorFormat format : formats) {
      if (format.handles(path)) {
        return format.body(status, message);
      }
    }
    return new Problem(status.getCode(), status.getReason(), field.orElse(null), message);
  }

  /** The body of an error that is not about one field. */
  public Object of(String path, HttpStatus status, String message) {
    return of(path, status, Optional.empty(), message);
  }
}
