package io.irisoperator.server.http;

import io.irisoperator.server.health.Health;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/**
 * Closes kept-alive connections while the server drains, so that clients connect to another pod. A
 * connection that closes with a response cannot break under the next request.
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
final class DrainFilter {
  private final Health health;

  DrainFilter(Health health) {
    this.health = health;
  }

  @ResponseFilter
  void close(MutableHttpResponse<?> response) {
    if (health.draining()) {
      response.header(HttpHeaders.CONNECTION, "close");
    }
  }
}
