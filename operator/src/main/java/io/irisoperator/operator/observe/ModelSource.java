package io.irisoperator.operator.observe;

import io.irisoperator.forest.BrokenModelException;
import io.irisoperator.forest.ModelFolder;
import io.irisoperator.forest.ServableModel;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.Resolution.Unresolved;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Asks MLflow for the model that a resource names, and verifies its bytes once. Thread-safe. */
public final class ModelSource {
  /** How many of the newest runs are looked at for the artifact. */
  private static final int NEWEST = 20;

  /**
   * The scores that the trainer logs, and scikit-learn users by convention; a run may hold
   * thousands.
   */
  private static final List<String> METRICS =
      Stream.of("train_", "test_")
          .flatMap(set -> Stream.of("accuracy", "precision", "recall", "f1").map(set::concat))
          .toList();

  private final MlflowClients clients;
  private final VerifiedModels verified = new VerifiedModels();

  public ModelSource(MlflowClients clients) {
    this.clients = clients;
  }

  /**
   * Looks the model up; a model that was verified before is not read again.
   *
   * @param trackingUri of the MLflow server to ask
   */
  public Resolution resolve(URI trackingUri, IrisModelSpec.Model model) {
    MlflowClient mlflow = clients.of(trackingUri);
    try {
      if (model.runId() != null) {
        return byRun(mlflow, trackingUri, mlflow.run(model.runId()), model.artifactPath());
      }
      return latest(mlflow, trackingUri, model.latest().experiment(), model.artifactPath());
    } catch (MlflowException e) {
      return unresolved(trackingUri, model, e);
    }
  }

  /** The run that a trainer Job finished, if it did: known from the Job's tag on it. */
  public Optional<String> finishedRunOf(URI trackingUri, String experiment, String job)
      throws MlflowException {
    MlflowClient mlflow = clients.of(trackingUri);
    Optional<String> id = mlflow.experimentId(experiment);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    String filter =
        "attributes.status = 'FINISHED' and tags.`iris-operator.io/job` = '%s'".formatted(job);
    return mlflow.searchRuns(id.get(), filter, 1).stream().map(Run::runId).findFirst();
  }

  private Resolution latest(
      MlflowClient mlflow, URI trackingUri, String experiment, String artifactPath)
      throws MlflowException {
    Optional<String> id = mlflow.experimentId(experiment);
    if (id.isEmpty()) {
      return new Unresolved(
          Reason.EXPERIMENT_NOT_FOUND,
          "MLflow at %s has no experiment '%s': log a run to it, or ask for a training"
              .formatted(trackingUri, experiment));
    }
    for (Run run : mlflow.searchRuns(id.get(), "attributes.status = 'FINISHED'", NEWEST)) {
      Resolution resolution = byRun(mlflow, trackingUri, run, artifactPath);
      if (!(resolution instanceof Unresolved(Reason reason, String _)
          && reason == Reason.ARTIFACT_MISSING)) {
        return resolution;
      }
    }
    return new Unresolved(
        Reason.NO_FINISHED_RUN,
        "no FINISHED run among the newest %d of experiment '%s' has the artifact '%s': log one, or ask for a training"
            .formatted(NEWEST, experiment, artifactPath));
  }

  private Resolution byRun(MlflowClient mlflow, URI trackingUri, Run run, String artifactPath)
      throws MlflowException {
    String id = run.runId();
    if (run.deleted()) {
      return new Unresolved(
          Reason.RUN_DELETED,
          "run %s is deleted in MLflow: restore it, or name another".formatted(id));
    }
    if (run.status() == RunStatus.FAILED || run.status() == RunStatus.KILLED) {
      return new Unresolved(
          Reason.RUN_FAILED,
          "run %s is %s in MLflow: name a FINISHED run".formatted(id, run.status()));
    }
    if (run.status() != RunStatus.FINISHED) {
      return new Unresolved(
          Reason.RUN_NOT_FINISHED,
          "run %s is %s in MLflow: it is served once it is FINISHED".formatted(id, run.status()));
    }
    var key = new VerifiedModels.Key(trackingUri, id, artifactPath);
    Optional<VerifiedModels.Verified> known = verified.get(key);
    if (known.isPresent()) {
      return new Resolved(model(run, known.get()));
    }
    Optional<String> folder = mlflow.artifacts().modelFolder(run, artifactPath);
    if (folder.isEmpty()) {
      return new Unresolved(
          Reason.ARTIFACT_MISSING,
          "run %s has no artifact '%s': log the model under that name, or set model.artifactPath"
              .formatted(id, artifactPath));
    }
    try {
      ModelFolder files =
          new ModelFolder(mlflow.artifacts().download(folder.get(), ModelFolder.MAX_BYTES));
      var fresh = new VerifiedModels.Verified(folder.get(), ServableModel.of(files).digest());
      verified.put(key, fresh);
      return new Resolved(model(run, fresh));
    } catch (BrokenModelException e) {
      return new Unresolved(
          Reason.MODEL_INVALID,
          "run %s, artifact '%s', cannot be served: %s"
              .formatted(id, artifactPath, e.getMessage()));
    }
  }

  private static IrisModelStatus.Model model(Run run, VerifiedModels.Verified verified) {
    Map<String, Double> metrics = new TreeMap<>(run.metrics());
    // JSON has no NaN.
    metrics
        .entrySet()
        .removeIf(m -> !METRICS.contains(m.getKey()) || !Double.isFinite(m.getValue()));
    return new IrisModelStatus.Model(
        run.runId(), null, verified.artifactUri(), verified.digest(), metrics);
  }

  private static Unresolved unresolved(
      URI trackingUri, IrisModelSpec.Model model, MlflowException e) {
    return switch (e.reason()) {
      case NOT_FOUND ->
          new Unresolved(
              Reason.RUN_NOT_FOUND,
              "MLflow at %s has no run %s: name one that is there"
                  .formatted(trackingUri, model.runId()));
      case UNREACHABLE ->
          new Unresolved(
              Reason.MLFLOW_UNREACHABLE,
              "MLflow at %s does not answer: %s; it is asked again"
                  .formatted(trackingUri, e.getMessage()));
      case REFUSED ->
          new Unresolved(
              Reason.MLFLOW_REFUSED,
              "MLflow at %s refused: %s".formatted(trackingUri, e.getMessage()));
    };
  }
}
