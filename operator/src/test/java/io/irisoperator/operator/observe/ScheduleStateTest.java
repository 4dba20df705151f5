package io.irisoperator.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScheduleStateTest {
  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

  private static IrisModel resource(String schedule, String timeZone) {
    return Resources.irisModel(
        "{model: {latest: {experiment: x}}, training: {schedule: \"%s\", timeZone: %s}}"
            .formatted(schedule, timeZone));
  }

  private static ScheduleState at(
      Instant now, String schedule, String timeZone, ScheduleState before) {
    IrisModelSpec.Training training = resource(schedule, timeZone).getSpec().orDefault().training();
    return ScheduleState.of(training, before.followed(), now);
  }

  @Test
  void aNewScheduleIsDueFromItsNextTimeOn() {
    ScheduleState first = at(NOON, "0 3 * * *", "UTC", ScheduleState.NONE);
    assertThat(first.due()).isEmpty();
    assertThat(first.followed().orElseThrow().next()).isEqualTo("2026-06-02T03:00:00Z");
    Instant next = Instant.parse("2026-06-02T03:00:00Z");
    assertThat(at(next.minusSeconds(1), "0 3 * * *", "UTC", first).due()).isEmpty();
    assertThat(at(next, "0 3 * * *", "UTC", first).due()).contains(next);
    assertThat(at(next.plusSeconds(7200), "0 3 * * *", "UTC", first).due()).contains(next);
  }

  @Test
  void ofSeveralTimesThatWereMissedTheLastIsDue() {
    ScheduleState first = at(NOON, "0 3 * * *", "UTC", ScheduleState.NONE);
    assertThat(at(Instant.parse("2026-06-10T12:00:00Z"), "0 3 * * *", "UTC", first).due())
        .contains(Instant.parse("2026-06-10T03:00:00Z"));
  }

  @Test
  void threeInZurichIsOneInTheWorldInSummerAndTwoInWinter() {
    ScheduleState first = at(NOON, "0 3 * * *", "Europe/Zurich", ScheduleState.NONE);
    assertThat(first.followed().orElseThrow().next()).isEqualTo("2026-06-02T01:00:00Z");
    assertThat(
            at(Instant.parse("2026-12-01T12:00:00Z"), "0 3 * * *", "Europe/Zurich", first)
                .followed()
                .orElseThrow()
                .next())
        .isEqualTo("2026-12-02T02:00:00Z");
  }

  @Test
  void anotherScheduleBeginsAnew() {
    ScheduleState first = at(NOON, "0 3 * * *", "UTC", ScheduleState.NONE);
    Instant later = Instant.parse("2026-06-10T12:00:00Z");
    ScheduleState other = at(later, "0 4 * * *", "UTC", first);
    assertThat(other.due()).isEmpty();
    assertThat(other.followed().map(IrisModelStatus.Schedule::since))
        .isEqualTo(Optional.of(later.toString()));
  }

  @Test
  void oneTimeIsOneJob() {
    ScheduleState first = at(NOON, "* * * * *", "UTC", ScheduleState.NONE);
    IrisModel resource = resource("* * * * *", "UTC");
    Optional<RetrainRequest> due =
        at(NOON.plusSeconds(61), "* * * * *", "UTC", first).request(resource);
    assertThat(due).isPresent();
    assertThat(at(NOON.plusSeconds(119), "* * * * *", "UTC", first).request(resource))
        .isEqualTo(due);
    assertThat(at(NOON.plusSeconds(120), "* * * * *", "UTC", first).request(resource))
        .isPresent()
        .isNotEqualTo(due);
  }

  @Test
  void whatIsNoScheduleIsToldOf() {
    assertThat(at(NOON, "61 3 * * *", "UTC", ScheduleState.NONE).problem())
        .hasValueSatisfying(text -> assertThat(text).contains("'61 3 * * *' is no cron"));
    assertThat(at(NOON, "0 3 * * *", "Europe/Nowhere", ScheduleState.NONE).problem())
        .hasValueSatisfying(text -> assertThat(text).contains("Europe/Nowhere is no time zone"));
  }
}
