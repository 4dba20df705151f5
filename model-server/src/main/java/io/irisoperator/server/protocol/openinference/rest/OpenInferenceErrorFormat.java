package io.irisoperator.server.protocol.openinference.rest;

import io.irisoperator.server.http.ErrorFormat;
import io.micronaut.http.HttpStatus;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;

/** The error bodies of the Open Inference Protocol. */
@Singleton
final class OpenInferenceErrorFormat implements ErrorFormat {
  @Serdeable
  record Body(String error) {}

  @Override
  public boolean handles(String path) {
    return path.startsWith("/v2");
  }

  @Override
  public Object body(HttpStatus status, String message) {
    return new Body(message);
  }
}
