package io.irisoperator.mlflow;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run as MLflow tells of it.
 *
 * @param deleted whether it is in MLflow's trash
 * @param artifactUri where its artifacts are, such as {@code mlflow-artifacts:/1/0f3c…/artifacts}
 * @param endTime when it ended, where it has
 * @param metrics the last value of each
 * @param modelIds the logged models (MLflow 3) that came out of it
 */
public record Run(
    String runId,
    String experimentId,
    RunStatus status,
    boolean deleted,
    String artifactUri,
    Optional<Instant> endTime,
    Map<String, String> params,
    Map<String, Double> metrics,
    Map<String, String> tags,
    List<String> modelIds) {
  public Run {
    params = Map.copyOf(params);
    metrics = Map.copyOf(metrics);
    tags = Map.copyOf(tags);
    modelIds = List.copyOf(modelIds);
  }
}
