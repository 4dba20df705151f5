package io.irisoperator.operator.informer;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * A client for informers of objects that are only read. It drops what nothing here asks for, so
 * that thousands of pods and models fit into memory: the bytes of ConfigMaps, and most of a pod. (A
 * reducing item store of the client would be shared by the informers of several namespaces, and
 * each would remove the objects of the others.)
 */
public final class LeanClient {
  @JsonIgnoreProperties({"data", "binaryData"})
  private interface WithoutBytes {}

  @JsonIgnoreProperties("managedFields")
  private interface WithoutManagedFields {}

  @JsonIgnoreProperties({"affinity", "securityContext", "tolerations", "topologySpreadConstraints"})
  private interface WithoutScheduling {}

  @JsonIgnoreProperties({
    "env",
    "lifecycle",
    "livenessProbe",
    "readinessProbe",
    "resources",
    "securityContext",
    "startupProbe",
    "volumeMounts"
  })
  private interface WithoutSettings {}

  private LeanClient() {}

  /** A client of the same cluster. */
  public static KubernetesClient of(KubernetesClient client) {
    ObjectMapper mapper =
        new ObjectMapper()
            .addMixIn(ConfigMap.class, WithoutBytes.class)
            .addMixIn(ObjectMeta.class, WithoutManagedFields.class)
            .addMixIn(PodSpec.class, WithoutScheduling.class)
            .addMixIn(Container.class, WithoutSettings.class);
    CachedObjects.share(mapper);
    return new KubernetesClientBuilder()
        .withConfig(client.getConfiguration())
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .build();
  }
}
