package io.irisoperator.operator.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/** A model as an annotation tells of it. */
public final class PinnedModel {
  public static final String ANNOTATION = IrisModel.GROUP + "/model";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          // A newer operator may have written more.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private PinnedModel() {}

  /** Reads the annotation's value; nothing where somebody has broken it. */
  public static Optional<IrisModelStatus.Model> read(String json) {
    try {
      return Optional.ofNullable(JSON.readValue(json, IrisModelStatus.Model.class))
          .filter(PinnedModel::isWhole);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Whether pods can be made from it. */
  public static boolean isWhole(IrisModelStatus.Model model) {
    return model.runId() != null
        && model.digest() != null
        && model.digest().matches("sha256:[0-9a-f]{64}")
        && model.trackingUri() != null
        && model.artifactUri() != null;
  }

  /** The annotation's value. */
  public static String write(IrisModelStatus.Model model) {
    try {
      return JSON.writeValueAsString(model);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of texts and numbers is always JSON", e);
    }
  }
}
