package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.irisoperator.contract.ModelServerMetrics;

/** How the number of pods follows their load. */
@ValidationRule(
    value = "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
    fieldPath = ".minReplicas",
    message = "serving.autoscaling.minReplicas must not be greater than maxReplicas")
public record AutoscalingSpec(
    @Default("" + DEFAULT_MIN_REPLICAS)
        @Min(1)
        @Max(100)
        @JsonPropertyDescription("The minimum number of pods.")
        Integer minReplicas,
    @Required @Min(1) @Max(100) @JsonPropertyDescription("The maximum number of pods.")
        Integer maxReplicas,
    @Default("" + DEFAULT_CPU_UTILIZATION)
        @Min(1)
        @Max(1000)
        @JsonPropertyDescription("The target CPU usage of a pod, in percent of its CPU request.")
        Integer targetCPUUtilizationPercentage,
    @Min(1)
        @JsonPropertyDescription(
            "The target number of requests per second and pod, by the metric "
                + ModelServerMetrics.REQUESTS_PER_SECOND
                + ". Needs a metrics adapter in the cluster.")
        Integer targetRequestsPerSecond) {
  private static final int DEFAULT_MIN_REPLICAS = 1;
  private static final int DEFAULT_CPU_UTILIZATION = 80;

  public AutoscalingSpec {
    minReplicas = minReplicas == null ? DEFAULT_MIN_REPLICAS : minReplicas;
    targetCPUUtilizationPercentage =
        targetCPUUtilizationPercentage == null
            ? DEFAULT_CPU_UTILIZATION
            : targetCPUUtilizationPercentage;
  }
}
