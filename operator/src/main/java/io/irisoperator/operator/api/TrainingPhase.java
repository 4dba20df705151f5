package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far a training is. */
public enum TrainingPhase {
  @JsonProperty("Pending")
  PENDING,
  @JsonProperty("Running")
  RUNNING,
  @JsonProperty("Succeeded")
  SUCCEEDED,
  @JsonProperty("Failed")
  FAILED;

  /** Whether nothing more will come of it. */
  public boolean isOver() {
    return this == SUCCEEDED || this == FAILED;
  }
}
