package io.irisoperator.operator.informer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;

class LeanClientTest {
  private static <T> T read(String yaml, Class<T> type) {
    try (KubernetesClient client =
            new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder().withMasterUrl("http://127.0.0.1:1").build())
                .build();
        KubernetesClient lean = LeanClient.of(client)) {
      KubernetesSerialization serialization = lean.getKubernetesSerialization();
      return serialization.unmarshal(yaml, type);
    }
  }

  @Test
  void keepsTheMetadataOfAConfigMapAndNotItsBytes() {
    ConfigMap map =
        read(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: stored-model-0, annotations: {a: b}, managedFields: [{manager: m}]}
            binaryData: {part: AAAA}
            """,
            ConfigMap.class);
    assertThat(map.getMetadata().getAnnotations()).containsEntry("a", "b");
    assertThat(map.getMetadata().getManagedFields()).isNullOrEmpty();
    assertThat(map.getBinaryData()).isNullOrEmpty();
    assertThat(map.getAdditionalProperties()).isEmpty();
  }

  @Test
  void keepsWhatIsAskedOfAPod() {
    Pod pod =
        read(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              tolerations: [{key: k}]
              volumes: [{name: v, secret: {secretName: s}}]
              containers:
              - {name: c, image: i, ports: [{name: http, containerPort: 8080}], env: [{name: A, value: b}]}
            status: {podIP: 10.0.0.1}
            """,
            Pod.class);
    assertThat(pod.getSpec().getTolerations()).isNullOrEmpty();
    assertThat(pod.getSpec().getVolumes()).hasSize(1);
    assertThat(pod.getSpec().getContainers())
        .singleElement()
        .satisfies(
            container -> {
              assertThat(container.getPorts()).hasSize(1);
              assertThat(container.getImage()).isEqualTo("i");
              assertThat(container.getEnv()).isNullOrEmpty();
            });
    assertThat(pod.getStatus().getPodIP()).isEqualTo("10.0.0.1");
  }
}
