package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;

/** How a model is served. */
public record ServingSpec(
    @Default("" + DEFAULT_REPLICAS)
        @Min(0)
        @Max(100)
        @SpecReplicas
        @JsonPropertyDescription(
            "The number of pods, 0 to 100. Leave it out if serving.autoscaling is set.")
        Integer replicas,
    @JsonPropertyDescription("CPU and memory of a pod.") ResourceRequirements resources,
    @Size(min = 1, max = 500)
        @JsonPropertyDescription("The image of the model server. Defaults to the operator's.")
        String image,
    @JsonPropertyDescription("Scale the number of pods with their load.")
        AutoscalingSpec autoscaling,
    @JsonPropertyDescription("Require a bearer token.") AuthSpec auth,
    @JsonPropertyDescription("Serve over TLS.") TlsSpec tls,
    @JsonPropertyDescription(
            "Restrict connections: to the pods from some namespaces, from the pods to MLflow and DNS.")
        NetworkPolicySpec networkPolicy,
    @JsonPropertyDescription(
            "A pod template that is merged over the generated one by a strategic merge. The container is model-server.")
        PodTemplateSpec podTemplate) {
  private static final int DEFAULT_REPLICAS = 1;

  static final ServingSpec DEFAULT =
      new ServingSpec(null, null, null, null, null, null, null, null);

  public ServingSpec {
    replicas = replicas == null ? DEFAULT_REPLICAS : replicas;
  }

  /** Whether probes and metrics have a port of their own because the other is restricted. */
  @JsonIgnore
  public boolean isRestricted() {
    return auth != null || tls != null || networkPolicy != null;
  }
}
