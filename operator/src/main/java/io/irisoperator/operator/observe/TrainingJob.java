package io.irisoperator.operator.observe;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.util.Optional;

/**
 * A training Job of an IrisModel.
 *
 * @param over whether it has ended
 * @param succeeded whether it has ended well
 * @param created when
 */
public record TrainingJob(String name, boolean over, boolean succeeded, String created) {

  static TrainingJob of(Job job) {
    Optional<JobCondition> end =
        end(Optional.ofNullable(job.getStatus()).orElseGet(JobStatus::new));
    return new TrainingJob(
        job.getMetadata().getName(),
        end.isPresent(),
        end.filter(c -> c.getType().equals("Complete")).isPresent(),
        String.valueOf(job.getMetadata().getCreationTimestamp()));
  }

  /** How a Job has ended, if it has. */
  static Optional<JobCondition> end(JobStatus status) {
    return status.getConditions().stream()
        .filter(c -> "True".equals(c.getStatus()))
        .filter(c -> c.getType().equals("Complete") || c.getType().equals("Failed"))
        .findFirst();
  }
}
