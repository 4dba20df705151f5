package io.irisoperator.operator.state;

import java.net.URI;
import java.util.Map;

/**
 * What was observed of the selected model.
 *
 * @param trackingUri the MLflow server that the spec names
 * @param resolution the answer of MLflow
 * @param stored the copies in the cluster, by digest
 */
public record SourceState(URI trackingUri, Resolution resolution, Map<String, StoredModel> stored) {
  public SourceState {
    stored = Map.copyOf(stored);
  }
}
