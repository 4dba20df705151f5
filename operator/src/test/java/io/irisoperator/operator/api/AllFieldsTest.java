package io.irisoperator.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The IrisModel that sets every field, which an e2e test applies, reads and applies again. */
class AllFieldsTest {
  private static final Path FILE = Path.of("../e2e/src/test/resources/irismodel-all-fields.yaml");
  private static final Path CRD = Path.of("../crds/irismodels.iris-operator.io.yaml");
  private static final YAMLMapper YAML = new YAMLMapper();

  /** The fields that the fields of the file exclude. */
  private static final Set<String> EXCLUDED =
      Set.of(
          ".model.runId",
          ".model.latest",
          ".model.latest.experiment",
          ".model.registered.version",
          ".training.data.persistentVolumeClaimName",
          ".training.data.url",
          ".training.data.digest");

  /** The fields with a type of Kubernetes, of which the file sets some fields. */
  private static final Set<String> KUBERNETES_TYPES = Set.of("podTemplate", "resources");

  private static JsonNode spec() throws IOException {
    return YAML.readTree(FILE.toFile()).path("spec");
  }

  /** The schemas of the spec's fields, by path. */
  private static Map<String, JsonNode> schemas() throws IOException {
    Map<String, JsonNode> schemas = new TreeMap<>();
    collect(
        "",
        YAML.readTree(CRD.toFile()).at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"),
        schemas);
    return schemas;
  }

  private static void collect(String path, JsonNode schema, Map<String, JsonNode> schemas) {
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              String name = path + "." + property.getKey();
              schemas.put(name, property.getValue());
              if (!KUBERNETES_TYPES.contains(property.getKey())) {
                collect(name, property.getValue(), schemas);
              }
            });
  }

  private static JsonNode value(String path) throws IOException {
    return spec().at(path.replace('.', '/'));
  }

  @Test
  void theFileSetsEveryField() throws Exception {
    Set<String> missing = new TreeSet<>();
    for (String path : schemas().keySet()) {
      if (value(path).isMissingNode()) {
        missing.add(path);
      }
    }
    assertThat(missing).isEqualTo(new TreeSet<>(EXCLUDED));
  }

  @Test
  void theFileSetsNoFieldToItsDefault() throws Exception {
    Set<String> defaults = new TreeSet<>();
    for (Map.Entry<String, JsonNode> field : schemas().entrySet()) {
      if (field.getValue().has("default")
          && field.getValue().path("default").equals(value(field.getKey()))) {
        defaults.add(field.getKey());
      }
    }
    // It has one value only.
    assertThat(defaults).containsExactly(".training.concurrencyPolicy");
  }

  @Test
  void theRecordsReadAndWriteTheFileUnchanged() throws Exception {
    IrisModel resource = Serialization.unmarshal(Files.readString(FILE), IrisModel.class);
    JsonNode written = new JsonMapper().readTree(Serialization.asJson(resource));
    assertThat(written.path("spec")).isEqualTo(spec());
  }
}
