package io.irisoperator.operator.state;

import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import java.util.Optional;

/**
 * The resource as it was read.
 *
 * @param status as it was written last
 */
public record ResourceState(
    String namespace, String name, long generation, IrisModelSpec spec, IrisModelStatus status) {

  /** Reads a resource. */
  public static ResourceState of(IrisModel resource) {
    return new ResourceState(
        resource.getMetadata().getNamespace(),
        resource.getMetadata().getName(),
        resource.getMetadata().getGeneration(),
        resource.getSpec(),
        Optional.ofNullable(resource.getStatus()).orElseGet(IrisModelStatus::none));
  }
}
