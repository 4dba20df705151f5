package io.irisoperator.operator.source;

import io.irisoperator.operator.api.ModelSpec;
import io.irisoperator.operator.state.KnownModels;
import java.net.URI;
import java.util.function.Predicate;

/**
 * The question which model a resource selects.
 *
 * @param isStored whether a model with this digest is in the cluster: it need not be downloaded
 * @param known the models that the resource serves or has served
 */
public record ModelQuery(
    MlflowServer server, ModelSpec spec, Predicate<String> isStored, KnownModels known) {
  URI trackingUri() {
    return server.trackingUri();
  }
}
