package io.irisoperator.operator.webhook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * At most so many requests in a second, of which none were saved from earlier ones. Thread-safe.
 */
final class RateLimit {
  private static final Duration WINDOW = Duration.ofSeconds(1);

  private final int perSecond;
  private final Clock clock;
  private Instant begin = Instant.EPOCH;
  private int requests;

  RateLimit(int perSecond, Clock clock) {
    this.perSecond = perSecond;
    this.clock = clock;
  }

  /** Whether one more request is within the limit. */
  synchronized boolean admits() {
    Instant now = clock.instant();
    if (Duration.between(begin, now).compareTo(WINDOW) >= 0) {
      begin = now;
      requests = 0;
    }
    return ++requests <= perSecond;
  }
}
