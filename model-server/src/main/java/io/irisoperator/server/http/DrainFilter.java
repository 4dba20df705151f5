package io.irisoperator.server.http;

import io.irisoperator.server.health.Health;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;

/**
 * Sends clients that keep their connection elsewhere while the server drains: what is closed with
 * an answer cannot break under the next request.
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
