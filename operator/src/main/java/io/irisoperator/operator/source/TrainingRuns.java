package io.irisoperator.operator.source;

import io.irisoperator.contract.RunTags;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.operator.state.TrainingFacts.TrainingRun;
import java.util.Optional;

/** The MLflow runs of training Jobs, which carry the Job's name in a tag. */
public final class TrainingRuns {
  private final MlflowConnections connections;

  public TrainingRuns(MlflowConnections connections) {
    this.connections = connections;
  }

  /** The FINISHED run of a Job. */
  public Optional<TrainingRun> finished(MlflowServer server, String experiment, String job)
      throws MlflowException {
    return find(server, experiment, "attributes.status = 'FINISHED' and ", job);
  }

  /** The run of a Job, in whatever state. */
  public Optional<TrainingRun> any(MlflowServer server, String experiment, String job)
      throws MlflowException {
    return find(server, experiment, "", job);
  }

  private Optional<TrainingRun> find(
      MlflowServer server, String experiment, String status, String job) throws MlflowException {
    MlflowClient mlflow = connections.client(server);
    Optional<String> id = mlflow.experimentId(experiment);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    String filter = "%stags.`%s` = '%s'".formatted(status, RunTags.JOB, job);
    return mlflow.searchRuns(id.get(), filter, 1).stream()
        .findFirst()
        .map(
            run ->
                new TrainingRun(
                    run.runId(), Optional.ofNullable(run.tags().get(RunTags.TREES_BUILT))));
  }
}
