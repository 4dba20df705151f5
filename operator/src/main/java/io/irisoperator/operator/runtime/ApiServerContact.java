package io.irisoperator.operator.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** Whether the API server is heard, and for how long it was not. */
public final class ApiServerContact {
  /** One that is away comes back: only who does not hear it long after is to be restarted. */
  private static final Duration LONG = Duration.ofMinutes(5);

  /** A start takes a few seconds too. */
  private static final Duration SHORT = Duration.ofSeconds(10);

  /** The longest wait of a client-go reflector, kube-proxy's for one, before it asks again. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final BooleanSupplier heard;
  private final Clock clock;
  private final AtomicReference<Seen> seen =
      new AtomicReference<>(new Seen(Optional.empty(), Instant.EPOCH));

  /**
   * What was seen last.
   *
   * @param awaySince empty while it is heard
   * @param steadyFrom by the last time that it was away
   */
  private record Seen(Optional<Instant> awaySince, Instant steadyFrom) {}

  /**
   * A contact.
   *
   * @param heard whether everything is watched that is to be watched
   */
  public ApiServerContact(BooleanSupplier heard, Clock clock) {
    this.heard = heard;
    this.clock = clock;
  }

  /** To be called every second or so. */
  public void look() {
    Instant now = clock.instant();
    if (isHeard()) {
      seen.updateAndGet(s -> new Seen(Optional.empty(), steadyFrom(s, now)));
    } else {
      seen.updateAndGet(s -> new Seen(s.awaySince.or(() -> Optional.of(now)), s.steadyFrom));
    }
  }

  /** An operator that is being stopped or started may refuse to tell. */
  private boolean isHeard() {
    try {
      return heard.getAsBoolean();
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Whether to go on. */
  public boolean isAlive() {
    Instant now = clock.instant();
    return seen.get().awaySince.filter(since -> now.isAfter(since.plus(LONG))).isEmpty();
  }

  /**
   * From when on every node is sure to hear the API server as well: until then a node may send
   * requests to pods that have ended.
   */
  public Instant steadyFrom() {
    return steadyFrom(seen.get(), clock.instant());
  }

  /** A reflector doubles its wait each time: it is twice as long as the absence at the most. */
  private static Instant steadyFrom(Seen seen, Instant now) {
    return seen.awaySince
        .map(since -> Duration.between(since, now))
        .filter(away -> away.compareTo(SHORT) > 0)
        .map(away -> away.multipliedBy(2))
        .map(wait -> now.plus(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT))
        .filter(seen.steadyFrom::isBefore)
        .orElse(seen.steadyFrom);
  }
}
