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
import java.time.temporal.ChronoUnit;
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
      return model.runId() == null
          ? latest(mlflow, trackingUri, model)
          : byRun(mlflow, trackingUri, run(mlflow, model.runId()), model);
    } catch (MlflowException e) {
      return unresolved(trackingUri, e);
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

  private static Run run(MlflowClient mlflow, String runId) throws MlflowException {
    try {
      return mlflow.run(runId);
    } catch (MlflowException e) {
      if (e.reason() != MlflowException.Reason.NOT_FOUND) {
        throw e;
      }
      throw new MlflowException(
          e.reason(), "there is no run %s: name one that is there".formatted(runId), e);
    }
  }

  private Resolution latest(MlflowClient mlflow, URI trackingUri, IrisModelSpec.Model model)
      throws MlflowException {
    String experiment = model.latest().experiment();
    Optional<String> id = mlflow.experimentId(experiment);
    if (id.isEmpty()) {
      return new Unresolved(
          Reason.EXPERIMENT_NOT_FOUND,
          "MLflow at %s has no experiment '%s': log a run to it, or ask for a training"
              .formatted(trackingUri, experiment));
    }
    for (Run run : mlflow.searchRuns(id.get(), "attributes.status = 'FINISHED'", NEWEST)) {
      Resolution resolution = byRun(mlflow, trackingUri, run, model);
      if (!(resolution instanceof Unresolved(Reason reason, String _)
          && reason == Reason.ARTIFACT_MISSING)) {
        return resolution;
      }
    }
    return new Unresolved(
        Reason.NO_FINISHED_RUN,
        "no FINISHED run among the newest %d of experiment '%s' has the artifact '%s': log one, or ask for a training"
            .formatted(NEWEST, experiment, model.artifactPath()));
  }

  private Resolution byRun(MlflowClient mlflow, URI trackingUri, Run run, IrisModelSpec.Model asked)
      throws MlflowException {
    String id = run.runId();
    String artifactPath = asked.artifactPath();
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
      return new Resolved(model(run, asked, trackingUri, known.get()));
    }
    Optional<String> folder = mlflow.artifacts().modelFolder(run, artifactPath);
    if (folder.isEmpty()) {
      return new Unresolved(
          Reason.ARTIFACT_MISSING,
          "run %s has no artifact '%s': log the model under that name, or set model.artifactPath"
              .formatted(id, artifactPath));
    }
    try {
      var fresh = verify(mlflow, folder.get());
      verified.put(key, fresh);
      return new Resolved(model(run, asked, trackingUri, fresh));
    } catch (BrokenModelException e) {
      return new Unresolved(
          Reason.MODEL_INVALID,
          "run %s, artifact '%s', cannot be served: %s"
              .formatted(id, artifactPath, e.getMessage()));
    }
  }

  /** One at a time: a large model takes many times its size while it is read. */
  private synchronized VerifiedModels.Verified verify(MlflowClient mlflow, String folder)
      throws MlflowException, BrokenModelException {
    ModelFolder files = new ModelFolder(mlflow.artifacts().download(folder, ModelFolder.MAX_BYTES));
    return new VerifiedModels.Verified(folder, ServableModel.of(files).digest());
  }

  private static IrisModelStatus.Model model(
      Run run, IrisModelSpec.Model asked, URI trackingUri, VerifiedModels.Verified verified) {
    Map<String, Double> metrics = new TreeMap<>(run.metrics());
    // JSON has no NaN.
    metrics
        .entrySet()
        .removeIf(m -> !METRICS.contains(m.getKey()) || !Double.isFinite(m.getValue()));
    return new IrisModelStatus.Model(
        run.runId(),
        null,
        asked.latest() == null ? null : asked.latest().experiment(),
        trackingUri.toString(),
        asked.artifactPath(),
        verified.artifactUri(),
        verified.digest(),
        run.endTime().map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse(null),
        metrics);
  }

  private static Unresolved unresolved(URI trackingUri, MlflowException e) {
    return switch (e.reason()) {
      case NOT_FOUND ->
          new Unresolved(
              Reason.RUN_NOT_FOUND, "MLflow at %s: %s".formatted(trackingUri, e.getMessage()));
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
