package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.irisoperator.contract.TrainingDefaults;
import java.util.Optional;

/** How and when new models are trained. */
@ValidationRule(
    value = "!has(self.schedule) || self.schedule.matches('^\\\\S+( \\\\S+){4}$')",
    fieldPath = ".schedule",
    message =
        "training.schedule must be five fields separated by one space: minute, hour, day of month, month, day of week, such as 0 3 * * *")
@ValidationRule(
    value =
        "!has(self.timeZone) || self.timeZone.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$')",
    fieldPath = ".timeZone",
    message = "training.timeZone must be a name of the time zone database, such as Europe/Zurich")
@ValidationRule(
    value = "!has(self.concurrencyPolicy) || self.concurrencyPolicy == 'Forbid'",
    fieldPath = ".concurrencyPolicy",
    message = "training.concurrencyPolicy must be Forbid: one training runs at a time")
public record TrainingSpec(
    @Size(max = 200)
        @JsonPropertyDescription(
            "Change this text to request a training. Each new text creates one Job.")
        String retrain,
    @Size(max = 100)
        @JsonPropertyDescription(
            "When trainings start: five cron fields, such as 0 3 * * * for every night at 3:00.")
        String schedule,
    @Default(DEFAULT_TIME_ZONE)
        @Size(max = 100)
        @JsonPropertyDescription("The time zone of the schedule, such as Europe/Zurich.")
        String timeZone,
    @Default(DEFAULT_CONCURRENCY_POLICY)
        @Size(max = 20)
        @JsonPropertyDescription(
            "Forbid: one training runs at a time; the next one waits until it has finished.")
        String concurrencyPolicy,
    @Size(min = 1, max = 200)
        @JsonPropertyDescription(
            "The MLflow experiment to log to. Defaults to the experiment of model.latest, else to "
                + TrainingDefaults.EXPERIMENT
                + ".")
        String experiment,
    @JsonPropertyDescription("The hyperparameters of the random forest.")
        TrainingParameters parameters,
    @JsonPropertyDescription("The training data. Defaults to the data in the trainer's image.")
        TrainingData data,
    @JsonPropertyDescription("Where the trained model is registered.")
        RegistrationSpec registration,
    @JsonPropertyDescription("CPU and memory of the trainer's pod.") ResourceRequirements resources,
    @Default("" + DEFAULT_ACTIVE_DEADLINE_SECONDS)
        @Min(10)
        @Max(604800)
        @JsonPropertyDescription("Seconds that a training may take, including its retries.")
        Integer activeDeadlineSeconds,
    @Default("" + DEFAULT_BACKOFF_LIMIT)
        @Min(0)
        @Max(10)
        @JsonPropertyDescription("How often a failed training is retried.")
        Integer backoffLimit,
    @Default("" + DEFAULT_SUCCESSFUL_JOBS_HISTORY_LIMIT)
        @Min(0)
        @Max(100)
        @JsonPropertyDescription("The number of successful Jobs to keep.")
        Integer successfulJobsHistoryLimit,
    @Default("" + DEFAULT_FAILED_JOBS_HISTORY_LIMIT)
        @Min(0)
        @Max(100)
        @JsonPropertyDescription("The number of failed Jobs to keep.")
        Integer failedJobsHistoryLimit) {
  private static final String DEFAULT_TIME_ZONE = "UTC";
  private static final String DEFAULT_CONCURRENCY_POLICY = "Forbid";
  private static final int DEFAULT_ACTIVE_DEADLINE_SECONDS = 3600;
  private static final int DEFAULT_BACKOFF_LIMIT = 2;
  private static final int DEFAULT_SUCCESSFUL_JOBS_HISTORY_LIMIT = 3;
  private static final int DEFAULT_FAILED_JOBS_HISTORY_LIMIT = 1;

  static final TrainingSpec NONE =
      new TrainingSpec(
          null, null, null, null, null, null, null, null, null, null, null, null, null);

  public TrainingSpec {
    timeZone = timeZone == null ? DEFAULT_TIME_ZONE : timeZone;
    concurrencyPolicy = concurrencyPolicy == null ? DEFAULT_CONCURRENCY_POLICY : concurrencyPolicy;
    activeDeadlineSeconds =
        activeDeadlineSeconds == null ? DEFAULT_ACTIVE_DEADLINE_SECONDS : activeDeadlineSeconds;
    backoffLimit = backoffLimit == null ? DEFAULT_BACKOFF_LIMIT : backoffLimit;
    successfulJobsHistoryLimit =
        successfulJobsHistoryLimit == null
            ? DEFAULT_SUCCESSFUL_JOBS_HISTORY_LIMIT
            : successfulJobsHistoryLimit;
    failedJobsHistoryLimit =
        failedJobsHistoryLimit == null ? DEFAULT_FAILED_JOBS_HISTORY_LIMIT : failedJobsHistoryLimit;
  }

  /** The text that requests a training; a blank one requests none. */
  @JsonIgnore
  public Optional<String> request() {
    return Optional.ofNullable(retrain).filter(text -> !text.isBlank());
  }
}
