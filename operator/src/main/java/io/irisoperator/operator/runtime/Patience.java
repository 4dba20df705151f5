package io.irisoperator.operator.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** An API server that is away comes back: only who stays unwell long after is to be restarted. */
public final class Patience {
  private static final Duration LONG = Duration.ofMinutes(5);

  private final BooleanSupplier healthy;
  private final Clock clock;
  private final AtomicReference<Optional<Instant>> unwellSince =
      new AtomicReference<>(Optional.empty());

  public Patience(BooleanSupplier healthy, Clock clock) {
    this.healthy = healthy;
    this.clock = clock;
  }

  /** Whether to go on; to be asked regularly. */
  public boolean isAlive() {
    Instant now = clock.instant();
    Optional<Instant> since =
        healthy.getAsBoolean()
            ? unwellSince.updateAndGet(before -> Optional.empty())
            : unwellSince.updateAndGet(before -> before.or(() -> Optional.of(now)));
    return since.filter(start -> now.isAfter(start.plus(LONG))).isEmpty();
  }
}
