package io.irisoperator.operator.informer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CachedObjectsTest {
  private static final KubernetesSerialization PLAIN = new KubernetesSerialization();

  private static KubernetesSerialization cached() {
    ObjectMapper mapper = new ObjectMapper();
    CachedObjects.configure(mapper);
    return new KubernetesSerialization(mapper, true);
  }

  @Test
  void aDeploymentIsReadWhole() throws Exception {
    String yaml = Files.readString(Path.of("src/test/resources/manifests/deployment-full.yaml"));
    Deployment read = cached().unmarshal(yaml, Deployment.class);
    Deployment expected = PLAIN.unmarshal(yaml, Deployment.class);
    expected.getMetadata().setManagedFields(List.of());
    assertThat(read).isEqualTo(expected);
    assertThat(PLAIN.asJson(read)).isEqualTo(PLAIN.asJson(expected));
  }

  @Test
  void equalTextsAreOneString() {
    Deployment read =
        cached()
            .unmarshal(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: iris, labels: {instance: iris}}\n",
                Deployment.class);
    assertThat(read.getMetadata().getName())
        .isSameAs(read.getMetadata().getLabels().get("instance"));
  }

  @Test
  void unknownFieldsAreKeptAndEmptyMapsAreShared() {
    Deployment read =
        cached()
            .unmarshal(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: iris}\nspec: {newField: 7}\n",
                Deployment.class);
    assertThat(read.getSpec().getAdditionalProperties()).isEqualTo(Map.of("newField", 7));
    assertThat(read.getMetadata().getAdditionalProperties()).isSameAs(Map.of());
  }

  @Test
  void aLongTextOfAConfigMapIsReadAsItsDigest() {
    String text = "{\"panels\": []}".repeat(20);
    ConfigMap written = configMap(text);
    ConfigMap read = cached().unmarshal(PLAIN.asJson(written), ConfigMap.class);
    assertThat(read.getData().get("dashboard")).hasSizeLessThan(40).isNotEqualTo(text);
    assertThat(read.getData()).isEqualTo(DigestedData.of(written).getData());
    assertThat(DigestedData.of(read).getData()).isEqualTo(read.getData());
    assertThat(DigestedData.of(configMap(text + " ")).getData()).isNotEqualTo(read.getData());
  }

  private static ConfigMap configMap(String text) {
    ConfigMap configMap = new ConfigMap();
    configMap.setData(Map.of("dashboard", text));
    return configMap;
  }
}
