package io.irisoperator.operator.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/** A model as JSON in an annotation. */
public final class ModelAnnotation {
  public static final String NAME = IrisModel.GROUP + "/model";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          // A newer operator may have written more.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private ModelAnnotation() {}

  /** Reads the value; empty if it is invalid. */
  public static Optional<PinnedModel> read(String json) {
    try {
      return Optional.ofNullable(JSON.readValue(json, PinnedModel.class))
          .filter(PinnedModel::isComplete);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Writes the value. */
  public static String write(PinnedModel model) {
    try {
      return JSON.writeValueAsString(model);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of texts and numbers is always JSON", e);
    }
  }
}
