package io.irisoperator.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.contract.TrainerResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The container's termination message: the result for the operator, or why there is none. */
final class TerminationMessage {
  private static final Logger LOG = LoggerFactory.getLogger(TerminationMessage.class);
  private static final JsonMapper JSON = new JsonMapper();

  private TerminationMessage() {}

  static String of(TrainerResult result) {
    try {
      return JSON.writeValueAsString(result.toFields());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of numbers and text are always JSON", e);
    }
  }

  static void write(Path file, String message) {
    try {
      Files.writeString(file, message);
    } catch (IOException e) {
      LOG.warn("cannot write the termination message to {}: {}", file, e.toString());
    }
  }
}
