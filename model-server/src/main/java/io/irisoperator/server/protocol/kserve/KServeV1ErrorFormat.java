package io.irisoperator.server.protocol.kserve;

import io.irisoperator.server.http.ErrorFormat;
import io.micronaut.http.HttpStatus;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Singleton;

/** The error bodies of KServe's V1 protocol. */
@Singleton
final class KServeV1ErrorFormat implements ErrorFormat {
  @Serdeable
  record Body(String error) {}

  @Override
  public boolean handles(String path) {
    return path.startsWith("/v1/");
  }

  @Override
  public Object body(HttpStatus status, String message) {
    return new Body(message);
  }
}
