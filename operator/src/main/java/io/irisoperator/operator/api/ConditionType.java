package io.irisoperator.operator.api;

/** The types of an IrisModel's conditions, in the order in which their Events are recorded. */
public enum ConditionType {
  /** MLflow has the selected model, and it can be served. */
  MODEL_RESOLVED("ModelResolved"),
  /** A training is in progress. */
  TRAINING("Training"),
  /** A rollout is in progress. */
  PROGRESSING("Progressing"),
  /** All pods serve the model that the spec selects. */
  READY("Ready"),
  /** Predictions are answered, by the selected model or by the one before it. */
  AVAILABLE("Available"),
  /** Something failed; the model that was served before is still served. */
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
