package io.irisoperator.operator.apply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.Map;

/**
 * Merges a pod template over another one by Kubernetes' strategic merge: objects field by field,
 * lists with a merge key item by item; other lists and values are replaced. The directives {@code
 * $patch} and {@code $retainKeys} are not supported.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/">strategic
 *     merge</a>
 */
public final class PodTemplateMerge {
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

  private PodTemplateMerge() {}

  /**
   * Merges.
   *
   * @param over may be null, as in the resource
   */
  public static PodTemplateSpec merge(PodTemplateSpec template, PodTemplateSpec over) {
    if (over == null) {
      return template;
    }
    ObjectNode merged = JSON.valueToTree(template);
    merge(merged, JSON.valueToTree(over));
    // The operator selects and counts pods by these.
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
      throw new IllegalArgumentException("merging two pod templates gives a pod template", e);
    }
  }

  private static void merge(ObjectNode into, ObjectNode over) {
    over.properties()
        .forEach(
            field -> {
              JsonNode existing = into.get(field.getKey());
              String key = MERGE_KEYS.get(field.getKey());
              if (existing instanceof ObjectNode object
                  && field.getValue() instanceof ObjectNode more) {
                merge(object, more);
              } else if (key != null
                  && existing instanceof ArrayNode list
                  && field.getValue() instanceof ArrayNode more) {
                more.forEach(item -> merge(list, (ObjectNode) item, key));
              } else {
                into.set(field.getKey(), field.getValue());
              }
            });
  }

  private static void merge(ArrayNode list, ObjectNode item, String key) {
    for (JsonNode existing : list) {
      if (existing.path(key).equals(item.path(key))) {
        merge((ObjectNode) existing, item);
        return;
      }
    }
    list.add(item);
  }
}
