package io.irisoperator.operator.informer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnedFieldsTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: iris
        managedFields:
        - {manager: kubectl, operation: Update, fieldsV1: {"f:spec": {"f:ports": {}}}}
        - {manager: iris-operator, operation: Apply, subresource: status, fieldsV1: {"f:status": {}}}
        - manager: iris-operator
          operation: Apply
          fieldsV1: {"f:spec": {"f:ports": {".": {}, 'k:{"port":80}': {"f:port": {}}}}, "f:metadata": {}}
      """;

  private static Service read(String yaml) {
    ObjectMapper mapper = new ObjectMapper();
    OwnedFields.configure(mapper);
    return new KubernetesSerialization(mapper, true).unmarshal(yaml, Service.class);
  }

  @Test
  void keepsTheFieldsThatTheOperatorApplied() {
    List<ManagedFieldsEntry> entries = read(SERVICE).getMetadata().getManagedFields();
    assertThat(entries).hasSize(1);
    assertThat(entries.getFirst().getFieldsV1().getAdditionalProperties())
        .isEqualTo(
            Map.of(
                "f:metadata",
                Map.of(),
                "f:spec",
                Map.of(
                    "f:ports",
                    Map.of(".", Map.of(), "k:{\"port\":80}", Map.of("f:port", Map.of())))));
  }

  @Test
  void readsAnObjectWithoutManagedFields() {
    assertThat(read("apiVersion: v1\nkind: Service\nmetadata: {name: iris}\n").getMetadata())
        .satisfies(metadata -> assertThat(metadata.getName()).isEqualTo("iris"))
        .satisfies(metadata -> assertThat(metadata.getManagedFields()).isEmpty());
  }
}
