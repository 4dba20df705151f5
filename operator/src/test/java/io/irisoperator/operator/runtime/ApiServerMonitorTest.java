package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ApiServerMonitorTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private boolean healthy = true;
  private final ManualClock clock = new ManualClock();
  private final ApiServerMonitor monitor = new ApiServerMonitor(() -> healthy, clock);

  private void outage(Duration time) {
    healthy = false;
    monitor.check();
    clock.pass(time);
    monitor.check();
  }

  private void recovers() {
    healthy = true;
    monitor.check();
  }

  @Test
  void isAliveUntilALongOutage() {
    outage(Duration.ofMinutes(4));
    assertThat(monitor.isAlive()).isTrue();
    recovers();
    outage(Duration.ofMinutes(4));
    assertThat(monitor.isAlive()).isTrue();
    outage(Duration.ofMinutes(2));
    assertThat(monitor.isAlive()).isFalse();
    recovers();
    assertThat(monitor.isAlive()).isTrue();
  }

  @Test
  void pausesRolloutsForTwiceTheOutage() {
    outage(Duration.ofSeconds(20));
    assertThat(monitor.rolloutsPausedUntil()).isEqualTo(NOON.plusSeconds(60));
    recovers();
    clock.pass(Duration.ofSeconds(5));
    monitor.check();
    assertThat(monitor.rolloutsPausedUntil()).isEqualTo(NOON.plusSeconds(60));
  }

  @Test
  void pausesRolloutsForOneMinuteAtMost() {
    outage(Duration.ofMinutes(4));
    recovers();
    assertThat(monitor.rolloutsPausedUntil()).isEqualTo(clock.instant().plusSeconds(60));
  }

  @Test
  void aShortOutageDoesNotShortenThePauseOfALongOne() {
    outage(Duration.ofMinutes(4));
    recovers();
    Instant first = monitor.rolloutsPausedUntil();
    outage(Duration.ofSeconds(11));
    recovers();
    assertThat(monitor.rolloutsPausedUntil()).isEqualTo(first);
  }

  @Test
  void aStartIsNoOutage() {
    outage(Duration.ofSeconds(6));
    recovers();
    assertThat(monitor.rolloutsPausedUntil()).isEqualTo(Instant.EPOCH);
  }
}
