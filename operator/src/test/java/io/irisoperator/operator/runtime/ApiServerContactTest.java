package io.irisoperator.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ApiServerContactTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private boolean heard = true;
  private Instant now = NOON;
  private final ApiServerContact contact =
      new ApiServerContact(
          () -> heard,
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
              return now;
            }
          });

  private void away(Duration time) {
    heard = false;
    contact.look();
    now = now.plus(time);
    contact.look();
  }

  private void back() {
    heard = true;
    contact.look();
  }

  @Test
  void onlyWhoDoesNotHearTheApiServerForLongIsNotAlive() {
    away(Duration.ofMinutes(4));
    assertThat(contact.isAlive()).isTrue();
    back();
    away(Duration.ofMinutes(4));
    assertThat(contact.isAlive()).isTrue();
    away(Duration.ofMinutes(2));
    assertThat(contact.isAlive()).isFalse();
    back();
    assertThat(contact.isAlive()).isTrue();
  }

  @Test
  void nodesNeedTwiceAsLongAsTheApiServerWasAway() {
    away(Duration.ofSeconds(20));
    assertThat(contact.steadyFrom()).isEqualTo(NOON.plusSeconds(60));
    back();
    now = now.plusSeconds(5);
    contact.look();
    assertThat(contact.steadyFrom()).isEqualTo(NOON.plusSeconds(60));
  }

  @Test
  void nodesNeedAMinuteAtTheMost() {
    away(Duration.ofMinutes(4));
    back();
    assertThat(contact.steadyFrom()).isEqualTo(now.plusSeconds(60));
  }

  @Test
  void aShorterAbsenceAfterALongOneDoesNotMakeItEarlier() {
    away(Duration.ofMinutes(4));
    back();
    Instant first = contact.steadyFrom();
    away(Duration.ofSeconds(11));
    back();
    assertThat(contact.steadyFrom()).isEqualTo(first);
  }

  @Test
  void aStartIsNoAbsence() {
    away(Duration.ofSeconds(6));
    back();
    assertThat(contact.steadyFrom()).isEqualTo(Instant.EPOCH);
  }
}
