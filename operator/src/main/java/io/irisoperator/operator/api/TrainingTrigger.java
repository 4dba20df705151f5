package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What starts a training. */
public enum TrainingTrigger {
  /** The field training.retrain or the annotation. */
  @JsonProperty("Request")
  REQUEST("Request"),
  /** The field training.schedule. */
  @JsonProperty("Schedule")
  SCHEDULE("Schedule");

  private final String text;

  TrainingTrigger(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
