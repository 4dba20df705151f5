package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The phase of a training. */
public enum TrainingPhase {
  /** Its pod does not run yet. */
  @JsonProperty("Pending")
  PENDING("Pending"),
  /** Its pod runs. */
  @JsonProperty("Running")
  RUNNING("Running"),
  /** Its Job is complete. */
  @JsonProperty("Succeeded")
  SUCCEEDED("Succeeded"),
  /** Its Job has failed. */
  @JsonProperty("Failed")
  FAILED("Failed");

  private final String text;

  TrainingPhase(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }

  /** Whether the phase is final. */
  public boolean isFinal() {
    return this == SUCCEEDED || this == FAILED;
  }
}
