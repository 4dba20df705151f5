package io.irisoperator.operator.observe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import java.util.Map;
import java.util.Optional;

/**
 * The model that a Deployment's pods are pinned to, written on the Deployment: status may be lost.
 */
public final class PinnedModel {
  public static final String ANNOTATION = IrisModel.GROUP + "/model";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private PinnedModel() {}

  /** Reads the annotation; nothing where somebody has removed or broken it. */
  static Optional<IrisModelStatus.Model> of(Deployment deployment) {
    return Optional.ofNullable(deployment.getMetadata().getAnnotations())
        .map((Map<String, String> a) -> a.get(ANNOTATION))
        .flatMap(PinnedModel::parse);
  }

  private static Optional<IrisModelStatus.Model> parse(String json) {
    try {
      return Optional.of(JSON.readValue(json, IrisModelStatus.Model.class))
          .filter(m -> m.runId() != null && m.digest() != null)
          .filter(m -> m.trackingUri() != null && m.artifactPath() != null);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
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
