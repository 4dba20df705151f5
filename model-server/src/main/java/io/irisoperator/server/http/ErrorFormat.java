package io.irisoperator.server.http;

import io.micronaut.http.HttpStatus;

/** The error bodies of a protocol. Each protocol that has its own registers one as a bean. */
public interface ErrorFormat {
  /** Whether a request's path belongs to the protocol, whether or not a route has it. */
  boolean handles(String path);

  /** The body of an error, to be written as JSON. */
  Object body(HttpStatus status, String message);
}
