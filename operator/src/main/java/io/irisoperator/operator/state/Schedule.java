package io.irisoperator.operator.state;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** A cron schedule in a time zone. */
public final class Schedule {
  private final ExecutionTime times;
  private final ZoneId zone;

  private Schedule(ExecutionTime times, ZoneId zone) {
    this.times = times;
    this.zone = zone;
  }

  /**
   * Parses a schedule.
   *
   * @param expression five fields, as in crontab(5)
   * @throws IllegalArgumentException if either is invalid; the message says why
   */
  public static Schedule of(String expression, String timeZone) {
    CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    try {
      return new Schedule(ExecutionTime.forCron(parser.parse(expression)), ZoneId.of(timeZone));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "training.timeZone %s is not a time zone: set it to one such as Europe/Zurich"
              .formatted(timeZone),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "training.schedule '%s' is not a cron expression: %s"
              .formatted(expression, e.getMessage()),
          e);
    }
  }

  /** The last time that it was due, not after {@code now}. */
  public Optional<Instant> lastDue(Instant now) {
    // The library's last execution is before the given time, never at it.
    return times.lastExecution(at(now.plusSeconds(1))).map(ZonedDateTime::toInstant);
  }

  /** The next time that it is due. */
  public Optional<Instant> nextDue(Instant now) {
    return times.nextExecution(at(now)).map(ZonedDateTime::toInstant);
  }

  private ZonedDateTime at(Instant time) {
    return time.atZone(zone);
  }
}
