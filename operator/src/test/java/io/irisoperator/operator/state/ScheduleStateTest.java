package io.irisoperator.operator.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.ScheduleStatus;
import io.irisoperator.operator.api.TrainingSpec;
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
    TrainingSpec training = resource(schedule, timeZone).getSpec().training();
    return ScheduleState.of(training, before.inEffect(), now);
  }

  @Test
  void aNewScheduleIsDueAtItsNextTime() {
    ScheduleState first = at(NOON, "0 3 * * *", "UTC", ScheduleState.NONE);
    assertThat(first.due()).isEmpty();
    assertThat(first.inEffect().orElseThrow().next()).isEqualTo("2026-06-02T03:00:00Z");
    Instant next = Instant.parse("2026-06-02T03:00:00Z");
    assertThat(at(next.minusSeconds(1), "0 3 * * *", "UTC", first).due()).isEmpty();
    assertThat(at(next, "0 3 * * *", "UTC", first).due()).contains(next);
    assertThat(at(next.plusSeconds(7200), "0 3 * * *", "UTC", first).due()).contains(next);
  }

  @Test
  void onlyTheLastOfSeveralMissedTimesIsDue() {
    ScheduleState first = at(NOON, "0 3 * * *", "UTC", ScheduleState.NONE);
    assertThat(at(Instant.parse("2026-06-10T12:00:00Z"), "0 3 * * *", "UTC", first).due())
        .contains(Instant.parse("2026-06-10T03:00:00Z"));
  }

  @Test
  void followsDaylightSavingTime() {
    ScheduleState first = at(NOON, "0 3 * * *", "Europe/Zurich", ScheduleState.NONE);
    assertThat(first.inEffect().orElseThrow().next()).isEqualTo("2026-06-02T01:00:00Z");
    assertThat(
            at(Instant.parse("2026-12-01T12:00:00Z"), "0 3 * * *", "Europe/Zurich", first)
                .inEffect()
                .orElseThrow()
                .next())
        .isEqualTo("2026-12-02T02:00:00Z");
  }

  @Test
  void aChangedScheduleStartsNow() {
    ScheduleState first = at(NOON, "0 3 * * *", "UTC", ScheduleState.NONE);
    Instant later = Instant.parse("2026-06-10T12:00:00Z");
    ScheduleState other = at(later, "0 4 * * *", "UTC", first);
    assertThat(other.due()).isEmpty();
    assertThat(other.inEffect().map(ScheduleStatus::since))
        .isEqualTo(Optional.of(later.toString()));
  }

  @Test
  void eachDueTimeIsOneJob() {
    ScheduleState first = at(NOON, "* * * * *", "UTC", ScheduleState.NONE);
    IrisModel resource = resource("* * * * *", "UTC");
    Optional<TrainingRequest> due = request(resource, NOON.plusSeconds(61), first);
    assertThat(due).isPresent();
    assertThat(request(resource, NOON.plusSeconds(119), first)).isEqualTo(due);
    assertThat(request(resource, NOON.plusSeconds(120), first)).isPresent().isNotEqualTo(due);
  }

  private static Optional<TrainingRequest> request(
      IrisModel resource, Instant now, ScheduleState before) {
    return at(now, "* * * * *", "UTC", before)
        .due()
        .map(due -> TrainingRequest.scheduled(resource, due));
  }

  @Test
  void explainsAnInvalidSchedule() {
    assertThat(at(NOON, "61 3 * * *", "UTC", ScheduleState.NONE).problem())
        .hasValueSatisfying(text -> assertThat(text).contains("'61 3 * * *' is not a cron"));
    assertThat(at(NOON, "0 3 * * *", "Europe/Nowhere", ScheduleState.NONE).problem())
        .hasValueSatisfying(text -> assertThat(text).contains("Europe/Nowhere is not a time zone"));
  }
}
