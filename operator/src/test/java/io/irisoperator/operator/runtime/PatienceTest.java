package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void onlyWhoStaysUnwellIsNotAlive() {
    AtomicBoolean healthy = new AtomicBoolean(true);
    AtomicReference<Instant> now = new AtomicReference<>(NOON);
    Clock clock =
        new Clock() {
          @Override
          public ZoneId getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return now.get();
          }
        };
    Patience patience = new Patience(healthy::get, clock);
    healthy.set(false);
    assertThat(patience.isAlive()).isTrue();
    now.set(NOON.plus(Duration.ofMinutes(4)));
    assertThat(patience.isAlive()).isTrue();
    healthy.set(true);
    assertThat(patience.isAlive()).isTrue();
    healthy.set(false);
    now.set(NOON.plus(Duration.ofMinutes(8)));
    assertThat(patience.isAlive()).isTrue();
    now.set(NOON.plus(Duration.ofMinutes(14)));
    assertThat(patience.isAlive()).isFalse();
  }
}
