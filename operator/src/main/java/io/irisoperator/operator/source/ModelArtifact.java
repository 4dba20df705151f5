package io.irisoperator.operator.source;

import io.irisoperator.mlflow.Connection;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.PinnedModel;
import java.util.Optional;

/** The model of a run, or of a registered version of it. */
record ModelArtifact(Run run, Optional<ModelVersion> version) {

  /** The name that the user logged or registered the model under. */
  String name(ModelQuery query) {
    return version
        .map(v -> "version %s of registered model '%s'".formatted(v.version(), v.name()))
        .orElseGet(() -> "artifact '%s'".formatted(query.spec().artifactPath()));
  }

  /** Identifies the bytes; they do not change. */
  VerifiedFolder.Key key(ModelQuery query, Connection connection) {
    return new VerifiedFolder.Key(
        connection,
        run.runId(),
        version
            .map(v -> "models:/" + v.name() + "/" + v.version())
            .orElseGet(query.spec()::artifactPath));
  }

  /** Whether a stored copy was created from this artifact. */
  boolean isSourceOf(PinnedModel stored, ModelQuery query) {
    return stored.runId().equals(run.runId())
        && query.trackingUri().toString().equals(stored.trackingUri())
        && version
            .map(
                v ->
                    v.name().equals(stored.registeredModel())
                        && v.version().equals(stored.version()))
            .orElseGet(
                () ->
                    stored.registeredModel() == null
                        && query.spec().artifactPath().equals(stored.artifactPath()));
  }
}
