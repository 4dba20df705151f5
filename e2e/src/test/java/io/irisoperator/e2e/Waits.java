package io.irisoperator.e2e;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** How the tests wait for a change in the cluster. */
final class Waits {
  private Waits() {}

  /** Waits up to a minute, which is enough for most steps. Exceptions count as not yet. */
  static ConditionFactory await() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(300))
        .ignoreExceptions();
  }

  /**
   * Waits until a URL answers 200. A port forward of the quickstart ends with its pod and is then
   * restarted.
   */
  static void awaitHttpOk(URI uri) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      await()
          .until(
              () ->
                  http.send(
                              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
                              HttpResponse.BodyHandlers.discarding())
                          .statusCode()
                      == 200);
    }
  }
}
