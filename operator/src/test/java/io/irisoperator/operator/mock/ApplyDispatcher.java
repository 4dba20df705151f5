package io.irisoperator.operator.mock;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/**
 * fabric8's mock with server-side apply, as far as one field manager needs it: what is applied is
 * merged into what is there, lists are replaced whole, and the fields that were applied are written
 * down. An access review allows everything but to watch what {@link #refuseToWatch} names.
 */
final class ApplyDispatcher extends KubernetesCrudDispatcher {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STATUS = "/status";

  private final Set<String> unwatchable = ConcurrentHashMap.newKeySet();

  /** From now on the role lacks the verb watch for this kind. */
  void refuseToWatch(String resources) {
    unwatchable.add(resources);
  }

  @Override
  public synchronized MockResponse handleCreate(RecordedRequest request) {
    if (!request.getPath().endsWith("/selfsubjectaccessreviews")) {
      return super.handleCreate(request);
    }
    try {
      JsonNode asked = JSON.readTree(request.getUtf8Body()).at("/spec/resourceAttributes/resource");
      boolean allowed = !unwatchable.contains(asked.asText());
      return new MockResponse()
          .setResponseCode(201)
          .setBody("{\"status\":{\"allowed\":" + allowed + "}}");
    } catch (JsonProcessingException e) {
      return new MockResponse().setResponseCode(400).setBody(e.getMessage());
    }
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    boolean watches = request.getPath().contains("watch=true");
    return watches && unwatchable.stream().anyMatch(r -> request.getPath().contains("/" + r + "?"))
        ? new MockResponse().setResponseCode(403)
        : super.dispatch(request);
  }

  @Override
  public synchronized MockResponse handlePatch(RecordedRequest request) {
    String type = request.getHeader("Content-Type");
    if (type == null || !type.contains("apply-patch")) {
      return super.handlePatch(request);
    }
    try {
      return apply(request);
    } catch (JsonProcessingException e) {
      return new MockResponse().setResponseCode(400).setBody(e.getMessage());
    }
  }

  private MockResponse apply(RecordedRequest request) throws JsonProcessingException {
    String path = request.getPath().replaceAll("\\?.*", "");
    boolean ofStatus = path.endsWith(STATUS);
    ObjectNode applied = (ObjectNode) JSON.readTree(request.getUtf8Body());
    ObjectNode metadata = (ObjectNode) applied.get("metadata");
    boolean onlyNew = metadata.path("resourceVersion").asText().equals("1");
    metadata.remove(List.of("resourceVersion", "uid", "creationTimestamp", "generation"));
    String object = ofStatus ? path.substring(0, path.length() - STATUS.length()) : path;
    MockResponse found = handleGet(object);
    boolean there = found.code() == 200;
    if (!there && ofStatus) {
      return found;
    }
    if (there && onlyNew) {
      return new MockResponse()
          .setResponseCode(409)
          .setBody("{\"code\":409,\"message\":\"already exists\"}");
    }
    ObjectNode merged =
        there ? (ObjectNode) JSON.readTree(found.getBody().readUtf8()) : applied.deepCopy();
    ObjectNode before = merged.deepCopy();
    merge(merged, applied);
    managedFields(merged, applied, ofStatus);
    if (there && merged.equals(before)) {
      return new MockResponse().setResponseCode(200).setBody(JSON.writeValueAsString(before));
    }
    RecordedRequest write =
        new RecordedRequest(
            "HTTP/1.1",
            there ? HttpMethod.PUT : HttpMethod.POST,
            there ? path : path.substring(0, path.lastIndexOf('/')),
            request.getHeaders(),
            new Buffer(JSON.writeValueAsBytes(merged)));
    return there ? handleUpdate(write) : handleCreate(write);
  }

  private static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(
            field -> {
              if (field.getValue() instanceof ObjectNode child
                  && into.get(field.getKey()) instanceof ObjectNode there) {
                merge(there, child);
              } else {
                into.set(field.getKey(), field.getValue());
              }
            });
  }

  /** Without these the SDK cannot tell that what is there is what it applied. */
  private static void managedFields(ObjectNode merged, ObjectNode applied, boolean ofStatus) {
    ObjectNode owned = applied.deepCopy();
    owned.remove(List.of("apiVersion", "kind"));
    ((ObjectNode) owned.get("metadata")).remove(List.of("name", "namespace"));
    if (owned.get("metadata").isEmpty()) {
      owned.remove("metadata");
    }
    String subresource = ofStatus ? "status" : "";
    ArrayNode entries = JSON.createArrayNode();
    merged
        .path("metadata")
        .path("managedFields")
        .forEach(
            entry -> {
              if (!entry.path("subresource").asText().equals(subresource)) {
                entries.add(entry);
              }
            });
    ObjectNode entry =
        entries
            .addObject()
            .put("manager", "iris-operator")
            .put("operation", "Apply")
            .put("apiVersion", applied.get("apiVersion").asText())
            .put("fieldsType", "FieldsV1");
    if (ofStatus) {
      entry.put("subresource", subresource);
    }
    entry.set("fieldsV1", fields(owned));
    ((ObjectNode) merged.get("metadata")).set("managedFields", entries);
  }

  /** FieldsV1: an object by its fields, a list of named objects by their names, all else whole. */
  private static ObjectNode fields(JsonNode node) {
    ObjectNode fields = JSON.createObjectNode();
    node.properties()
        .forEach(
            field -> {
              ObjectNode child = JSON.createObjectNode();
              JsonNode value = field.getValue();
              if (value.isObject()) {
                child = fields(value);
              } else if (value.isArray() && isNamed(value)) {
                for (JsonNode item : value) {
                  ObjectNode named = fields(item);
                  named.putObject(".");
                  child.set("k:{\"name\":\"" + item.get("name").asText() + "\"}", named);
                }
              }
              fields.set("f:" + field.getKey(), child);
            });
    return fields;
  }

  private static boolean isNamed(JsonNode list) {
    return !list.isEmpty()
        && StreamSupport.stream(list.spliterator(), false)
            .allMatch(i -> i.path("name").isTextual());
  }
}
