package io.irisoperator.operator.observe;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** When trainings are due by themselves. */
public final class Schedule {
  private final ExecutionTime times;
  private final ZoneId zone;

  private Schedule(ExecutionTime times, ZoneId zone) {
    this.times = times;
    this.zone = zone;
  }

  /**
   * Reads a schedule.
   *
   * @param expression five fields, as crontab(5) has them
   * @throws IllegalArgumentException when either is none, saying why
   */
  public static Schedule of(String expression, String timeZone) {
    CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    try {
      return new Schedule(ExecutionTime.forCron(parser.parse(expression)), ZoneId.of(timeZone));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "training.timeZone %s is no time zone: write one such as Europe/Zurich"
              .formatted(timeZone),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "training.schedule '%s' is no cron expression: %s".formatted(expression, e.getMessage()),
          e);
    }
  }

  /** The last time that it was due, not after {@code now}. */
  Optional<Instant> lastDue(Instant now) {
    // The library's last execution is before the time it is given, never at it.
    return times.lastExecution(at(now.plusSeconds(1))).map(ZonedDateTime::toInstant);
  }

  /** The next time that it is due. */
  Optional<Instant> nextDue(Instant now) {
    return times.nextExecution(at(now)).map(ZonedDateTime::toInstant);
  }

  private ZonedDateTime at(Instant time) {
    return time.atZone(zone);
  }
}
