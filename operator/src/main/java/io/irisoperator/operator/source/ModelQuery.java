package io.irisoperator.operator.source;

import io.irisoperator.operator.api.ModelSpec;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.state.StoredModel;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * The question which model a resource selects.
 *
 * @param stored the copies in the cluster, by digest: they need not be downloaded again
 * @param pinned the model that the pods are created for: its run must still have the same bytes
 */
public record ModelQuery(
    MlflowServer server,
    ModelSpec spec,
    Map<String, StoredModel> stored,
    Optional<PinnedModel> pinned) {
  URI trackingUri() {
    return server.trackingUri();
  }
}
