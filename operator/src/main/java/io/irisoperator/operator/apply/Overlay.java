package io.irisoperator.operator.apply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Map;

/**
 * A pod template with another one laid over it by Kubernetes' strategic merge: objects field by
 * field, lists with a merge key item by item, other lists and values replaced.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/">strategic
 *     merge</a>
 */
final class Overlay {
  private static final JsonMapper JSON = new JsonMapper();

  /** The lists of a pod that have a patch merge key, as Kubernetes' API reference names it. */
  private static final Map<String, String> MERGE_KEYS =
      Map.ofEntries(
          Map.entry("containers", "name"),
          Map.entry("initContainers", "name"),
          Map.entry("env", "name"),
          Map.entry("ports", "containerPort"),
          Map.entry("volumes", "name"),
          Map.entry("volumeMounts", "mountPath"),
          Map.entry("volumeDevices", "devicePath"),
          Map.entry("imagePullSecrets", "name"),
          Map.entry("hostAliases", "ip"),
          Map.entry("topologySpreadConstraints", "topologyKey"),
          Map.entry("resourceClaims", "name"));

  private Overlay() {}

  /**
   * Lays one over the other.
   *
   * @param over may be null, as in the resource
   */
  static PodTemplateSpec of(PodTemplateSpec template, PodTemplateSpec over) {
    if (over == null) {
      return template;
    }
    ObjectNode merged = JSON.valueToTree(template);
    merge(merged, JSON.valueToTree(over));
    // The pods are found, counted and rolled out by these.
    ObjectNode metadata = (ObjectNode) merged.get("metadata");
    template
        .getMetadata()
        .getLabels()
        .forEach((name, value) -> ((ObjectNode) metadata.get("labels")).put(name, value));
    template
        .getMetadata()
        .getAnnotations()
        .forEach((name, value) -> ((ObjectNode) metadata.get("annotations")).put(name, value));
    try {
      return JSON.treeToValue(merged, PodTemplateSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("two pod templates make one", e);
    }
  }

  private static void merge(ObjectNode into, ObjectNode over) {
    over.properties()
        .forEach(
            field -> {
              JsonNode there = into.get(field.getKey());
              String key = MERGE_KEYS.get(field.getKey());
              if (there instanceof ObjectNode object
                  && field.getValue() instanceof ObjectNode more) {
                merge(object, more);
              } else if (key != null
                  && there instanceof ArrayNode list
                  && field.getValue() instanceof ArrayNode more) {
                more.forEach(item -> merge(list, (ObjectNode) item, key));
              } else {
                into.set(field.getKey(), field.getValue());
              }
            });
  }

  private static void merge(ArrayNode list, ObjectNode item, String key) {
    for (JsonNode there : list) {
      if (there.path(key).equals(item.path(key))) {
        merge((ObjectNode) there, item);
        return;
      }
    }
    list.add(item);
  }
}
