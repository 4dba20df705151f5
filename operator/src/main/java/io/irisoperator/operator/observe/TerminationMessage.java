package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.contract.TrainerResult;
import java.util.Map;
import java.util.Optional;

/** The trainer's result in the termination message of its container. */
final class TerminationMessage {
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

  private TerminationMessage() {}

  /** Reads it; empty if it is something else. */
  static Optional<TrainerResult> read(String text) {
    try {
      return Optional.ofNullable(JSON.readValue(text, FIELDS)).flatMap(TrainerResult::fromFields);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
