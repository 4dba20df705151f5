package io.irisoperator.server.protocol;

import com.fasterxml.jackson.core.JacksonException;
import io.irisoperator.server.prediction.InvalidInputException;
import java.io.IOException;

/** The error for a body that is not JSON. */
public final class MalformedJson {
  private MalformedJson() {}

  /**
   * The error, with the parser's reason.
   *
   * @param e a {@link JacksonException}, or any other if the body is in no encoding of JSON
   */
  public static InvalidInputException of(IOException e) {
    String reason =
        e instanceof JacksonException jackson ? jackson.getOriginalMessage() : e.getMessage();
    return new InvalidInputException("the body is not JSON: " + reason);
  }
}
