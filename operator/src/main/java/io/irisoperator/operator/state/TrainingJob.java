package io.irisoperator.operator.state;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.util.Optional;

/**
 * A training Job.
 *
 * @param outcome how it ended; empty while it has not
 * @param ready whether its pod runs
 */
public record TrainingJob(
    String name,
    String created,
    Optional<String> startTime,
    boolean ready,
    Optional<Outcome> outcome) {

  /**
   * The end of a Job.
   *
   * @param reason why it failed, from the Job's condition
   */
  public record Outcome(boolean succeeded, Optional<String> time, String reason) {}

  /** Reads a Job. */
  public static TrainingJob of(Job job) {
    JobStatus status = Optional.ofNullable(job.getStatus()).orElseGet(JobStatus::new);
    return new TrainingJob(
        job.getMetadata().getName(),
        String.valueOf(job.getMetadata().getCreationTimestamp()),
        Optional.ofNullable(status.getStartTime()),
        status.getReady() != null && status.getReady() > 0,
        status.getConditions().stream()
            .filter(c -> "True".equals(c.getStatus()))
            .filter(c -> c.getType().equals("Complete") || c.getType().equals("Failed"))
            .findFirst()
            .map(TrainingJob::outcome));
  }

  private static Outcome outcome(JobCondition condition) {
    return new Outcome(
        condition.getType().equals("Complete"),
        Optional.ofNullable(condition.getLastTransitionTime()),
        condition.getReason() + ": " + condition.getMessage());
  }

  public boolean isFinished() {
    return outcome.isPresent();
  }

  public boolean hasSucceeded() {
    return outcome.filter(Outcome::succeeded).isPresent();
  }
}
