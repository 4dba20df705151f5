package io.irisoperator.server.protocol.mlflow;

import io.irisoperator.server.http.ErrorFormat;
import io.micronaut.http.HttpStatus;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;

/**
 * The error bodies of MLflow's scoring server.
 *
 * @see <a href="https://mlflow.org/docs/latest/rest-api.html">MLflow's error codes</a>
 */
@Singleton
final class InvocationsErrorFormat implements ErrorFormat {
  @Serdeable
  record Body(String error_code, String message) {}

  @Override
  public boolean handles(String path) {
    return path.equals("/invocations") || path.equals("/invocations/");
  }

  @Override
  public Object body(HttpStatus status, String message) {
    return new Body(
        status == HttpStatus.SERVICE_UNAVAILABLE ? "TEMPORARILY_UNAVAILABLE" : "BAD_REQUEST",
        message);
  }
}
