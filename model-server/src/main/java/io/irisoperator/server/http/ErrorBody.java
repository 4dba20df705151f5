package io.irisoperator.server.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.serde.annotation.Serdeable;
import java.util.Optional;

/** The shape of a refusal, as the protocol that a path belongs to has it. */
public final class ErrorBody {
  private ErrorBody() {}

  /** Of the Open Inference Protocol, and of KServe's first. */
  @Serdeable
  record InferenceError(String error) {}

  /**
   * Of MLflow's scoring server.
   *
   * @see <a href="https://mlflow.org/docs/latest/rest-api.html">error codes</a>
   */
  @Serdeable
  record ScoringError(String error_code, String message) {}

  /** The body of a refusal. */
  public static Object of(String path, HttpStatus status, Optional<String> field, String message) {
    if (path.startsWith("/v2") || path.startsWith("/v1/")) {
      return new InferenceError(message);
    }
    if (path.equals("/invocations") || path.equals("/invocations/")) {
      return new ScoringError(
          status == HttpStatus.SERVICE_UNAVAILABLE ? "TEMPORARILY_UNAVAILABLE" : "BAD_REQUEST",
          message);
    }
    return new Problem(status.getCode(), status.getReason(), field.orElse(null), message);
  }
}
