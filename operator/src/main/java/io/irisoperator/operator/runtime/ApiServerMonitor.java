package io.irisoperator.operator.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Whether the API server is available, and for how long it was not.
 *
 * <p>It uses the health of the SDK's informers: with JOSDK 5.2 an informer that does not watch is
 * unhealthy. With 5.3 that changes; see docs/adr/0011.
 */
public final class ApiServerMonitor {
  /** An outage ends by itself; only an operator that misses its end is to be restarted. */
  private static final Duration LIVENESS_GRACE = Duration.ofMinutes(5);

  /** A start takes a few seconds, too. */
  private static final Duration OUTAGE_THRESHOLD = Duration.ofSeconds(10);

  /** The longest back-off of a client-go reflector, such as kube-proxy's. */
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(60);

  private final BooleanSupplier healthy;
  private final Clock clock;
  private final AtomicReference<Check> last =
      new AtomicReference<>(new Check(Optional.empty(), Instant.EPOCH));

  /**
   * The last check.
   *
   * @param unavailableSince empty while it is available
   * @param pausedUntil by the last outage
   */
  private record Check(Optional<Instant> unavailableSince, Instant pausedUntil) {}

  /**
   * A monitor.
   *
   * @param healthy whether all watches are established
   */
  public ApiServerMonitor(BooleanSupplier healthy, Clock clock) {
    this.healthy = healthy;
    this.clock = clock;
  }

  /** To be called about every second. */
  public void check() {
    Instant now = clock.instant();
    if (isHealthy()) {
      last.updateAndGet(s -> new Check(Optional.empty(), pausedUntil(s, now)));
    } else {
      last.updateAndGet(
          s -> new Check(s.unavailableSince.or(() -> Optional.of(now)), s.pausedUntil));
    }
  }

  /** An operator that is starting or stopping may throw. */
  private boolean isHealthy() {
    try {
      return healthy.getAsBoolean();
    } catch (RuntimeException e) {
      return false;
    }
  }

  /** Whether the process is to live on. */
  public boolean isAlive() {
    Instant now = clock.instant();
    return last.get()
        .unavailableSince
        .filter(since -> now.isAfter(since.plus(LIVENESS_GRACE)))
        .isEmpty();
  }

  /**
   * The time at which every node has reconnected to the API server: until then a node may send
   * requests to pods that have ended.
   */
  public Instant rolloutsPausedUntil() {
    return pausedUntil(last.get(), clock.instant());
  }

  /** A reflector doubles its back-off, which is at most twice as long as the outage. */
  private static Instant pausedUntil(Check check, Instant now) {
    return check
        .unavailableSince
        .map(since -> Duration.between(since, now))
        .filter(outage -> outage.compareTo(OUTAGE_THRESHOLD) > 0)
        .map(outage -> outage.multipliedBy(2))
        .map(backoff -> now.plus(backoff.compareTo(MAX_BACKOFF) < 0 ? backoff : MAX_BACKOFF))
        .filter(check.pausedUntil::isBefore)
        .orElse(check.pausedUntil);
  }
}
