package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far a training is. */
public enum TrainingPhase {
  @JsonProperty("Pending")
  PENDING("Pending"),
  @JsonProperty("Running")
  RUNNING("Running"),
  @JsonProperty("Succeeded")
  SUCCEEDED("Succeeded"),
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

  /** Whether nothing more will come of it. */
  public boolean isOver() {
    return this == SUCCEEDED || this == FAILED;
  }
}
