package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A model, pinned to its run and its bytes.
 *
 * @param runId the MLflow run
 * @param registeredModel the name of the registered model, if the model was resolved through one
 * @param alias the alias that was resolved, if any
 * @param version the version of the registered model
 * @param experiment the experiment, if the model is the latest run of one
 * @param trackingUri the MLflow server
 * @param artifactPath the artifact path of the model in its run
 * @param artifactUri where MLflow keeps the model folder
 * @param digest the digest of the model folder, {@code sha256:…}
 * @param finished when the run finished
 * @param metrics the scores of the run
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PinnedModel(
    @JsonPropertyDescription("The MLflow run ID.") String runId,
    @JsonPropertyDescription("The registered model.") String registeredModel,
    @JsonPropertyDescription("The alias that was resolved to the version.") String alias,
    @JsonPropertyDescription("The version of the registered model.") String version,
    @JsonPropertyDescription("The experiment whose latest run this is.") String experiment,
    @JsonPropertyDescription("The tracking URI of the MLflow server.") String trackingUri,
    @JsonPropertyDescription("The artifact path of the model in its run.") String artifactPath,
    @JsonPropertyDescription("Where MLflow keeps the model folder.") String artifactUri,
    @JsonPropertyDescription("The digest of the model folder.") String digest,
    @JsonPropertyDescription("When the run finished.") String finished,
    // The client sends an empty map as null, and the API server refuses the status for it.
    @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("The scores of the run.")
        Map<String, Double> metrics) {

  public PinnedModel {
    metrics =
        metrics == null
            ? Collections.emptySortedMap()
            : Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
  }

  /** Whether both are the same run and the same bytes, so that pods need not change. */
  public boolean isSameModel(PinnedModel other) {
    return isModel(other.runId, other.digest);
  }

  /** Whether this is that run and those bytes. */
  public boolean isModel(String otherRunId, String otherDigest) {
    return runId.equals(otherRunId) && digest.equals(otherDigest);
  }

  /** Whether everything that pods are created from is set. */
  @JsonIgnore
  public boolean isComplete() {
    return runId != null
        && digest != null
        && digest.matches("sha256:[0-9a-f]{64}")
        && trackingUri != null
        && artifactUri != null;
  }

  /** Whether a spec selects this model, as far as can be determined without MLflow. */
  public boolean isSelectedBy(ModelSpec spec, URI uri) {
    if (!uri.toString().equals(trackingUri)) {
      return false;
    }
    if (spec.registered() != null) {
      RegisteredModel registered = spec.registered();
      return registered.name().equals(registeredModel)
          && (registered.alias() == null
              ? registered.version().equals(version)
              : registered.alias().equals(alias));
    }
    return spec.artifactPath().equals(artifactPath)
        && (spec.runId() == null
            ? spec.latest().experiment().equals(experiment)
            : spec.runId().equals(runId));
  }
}
