package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The schedule of trainings in effect. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScheduleStatus(
    @JsonPropertyDescription("The cron expression.") String expression,
    @JsonPropertyDescription("The time zone.") String timeZone,
    @JsonPropertyDescription(
            "Since when the schedule is in effect. Trainings that were due before do not start.")
        String since,
    @JsonPropertyDescription("When the next training is due.") String next) {}
