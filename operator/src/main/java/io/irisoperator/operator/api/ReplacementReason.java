package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Why a model is no longer served. */
public enum ReplacementReason {
  /** Another model was resolved. */
  @JsonProperty("Superseded")
  SUPERSEDED("Superseded"),
  /** Its rollout failed. */
  @JsonProperty("RolledBack")
  ROLLED_BACK("RolledBack"),
  /** The field rollout.rollbackTo names another model. */
  @JsonProperty("RollbackRequested")
  ROLLBACK_REQUESTED("RollbackRequested");

  private final String text;

  ReplacementReason(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
