package io.irisoperator.operator.state;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a decision depends on.
 *
 * @param rolloutsPausedUntil before this time nodes may not have received new endpoints: pods that
 *     serve must not end
 */
public record Observation(
    ResourceState resource,
    SourceState source,
    ServingState serving,
    TrainingsState trainings,
    Instant rolloutsPausedUntil,
    Instant now) {

  public IrisModelSpec spec() {
    return resource.spec();
  }

  public IrisModelStatus status() {
    return resource.status();
  }

  public Map<String, StoredModel> stored() {
    return source.stored();
  }

  public Optional<DeploymentState> deployment() {
    return serving.deployment();
  }
}
