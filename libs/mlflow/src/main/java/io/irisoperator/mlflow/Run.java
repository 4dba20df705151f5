package io.irisoperator.mlflow;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run in MLflow.
 *
 * @param deleted whether it is in MLflow's trash
 * @param artifactUri the folder of its artifacts, such as {@code
 *     mlflow-artifacts:/1/0f3c…/artifacts}
 * @param endTime when it ended; empty while it is running
 * @param metrics the last value of each
 * @param modelIds the ids of its logged models (MLflow 3)
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

  /**
   * Stands for the run of a registered version that has none, as when a logged model without a run
   * is registered. Its id is the version's URI, {@code models:/NAME/VERSION}; it has no artifacts.
   */
  public static Run standIn(ModelVersion version) {
    return new Run(
        "models:/" + version.name() + "/" + version.version(),
        "",
        RunStatus.FINISHED,
        false,
        "",
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        List.of());
  }
}
