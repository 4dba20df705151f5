package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.contract.TrainerResult;
import java.util.Optional;

/** The trainer's result in the termination message of its container. */
final class TerminationMessage {
  private static final JsonMapper JSON = new JsonMapper();

  private TerminationMessage() {}

  /** Reads it; empty if it is something else. */
  static Optional<TrainerResult> read(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      if (!json.path("runId").isTextual()) {
        return Optional.empty();
      }
      return Optional.of(
          new TrainerResult(
              json.path("runId").textValue(),
              json.path("testAccuracy").asDouble(),
              json.path("testF1").asDouble(),
              Optional.ofNullable(json.path("registeredModel").textValue()),
              Optional.ofNullable(json.path("version").textValue()),
              json.path("aliasMoved").asBoolean()));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
