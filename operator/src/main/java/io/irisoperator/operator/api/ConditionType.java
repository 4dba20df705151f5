package io.irisoperator.operator.api;

/** The types of an IrisModel's conditions. */
public enum ConditionType {
  /** The model that the resource asks for is served by all its pods. */
  READY("Ready"),
  /** MLflow has the model that the resource asks for, and it is one that can be served. */
  MODEL_RESOLVED("ModelResolved"),
  /** Predictions are answered, by whichever model. */
  AVAILABLE("Available"),
  /** A training is going on. */
  TRAINING("Training"),
  /** Something that was asked for cannot be done; what was served before goes on being served. */
  DEGRADED("Degraded");

  private final String text;

  ConditionType(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
