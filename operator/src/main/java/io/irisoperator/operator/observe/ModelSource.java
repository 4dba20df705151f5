package io.irisoperator.operator.observe;

import io.irisoperator.contract.RunTags;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.ServableModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.observe.Resolution.Resolved;
import io.irisoperator.operator.observe.Resolution.Unresolved;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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

  /** A version's run is looked at again so often; the version itself at every poll. */
  private static final Duration RUN_STAYS = Duration.ofMinutes(1);

  /** What was found broken is read again so often. */
  private static final Duration BROKEN_STAYS = Duration.ofSeconds(30);

  private final MlflowClients clients;
  private final Clock clock;
  private final Recent<VerifiedFolder.Key, VerifiedFolder> verified = new Recent<>();
  private final Recent<VerifiedFolder.Key, Seen<Unresolved>> broken = new Recent<>();
  private final Recent<Name, Seen<Run>> runs = new Recent<>();
  private final Recent<Name, String> experiments = new Recent<>();

  /** Of a run or an experiment. */
  private record Name(URI trackingUri, String name) {}

  private record Seen<T>(T what, Instant at) {}

  public ModelSource(MlflowClients clients, Clock clock) {
    this.clients = clients;
    this.clock = clock;
  }

  /**
   * Looks the model up. A model that is stored in the cluster is not read again.
   *
   * @param trackingUri of the MLflow server to ask
   * @param stored by digest
   * @param pinned that the pods are made for: its run must still have the same bytes
   */
  public Resolution resolve(
      URI trackingUri,
      IrisModelSpec.Model model,
      Map<String, StoredModel> stored,
      Optional<IrisModelStatus.Model> pinned) {
    Query query = new Query(clients.of(trackingUri), trackingUri, model, stored, pinned);
    try {
      if (model.runId() != null) {
        return byRun(query, run(query.mlflow, model.runId()));
      }
      return model.latest() != null ? latest(query) : registered(query);
    } catch (MlflowException e) {
      return unresolved(trackingUri, e);
    }
  }

  private record Query(
      MlflowClient mlflow,
      URI trackingUri,
      IrisModelSpec.Model model,
      Map<String, StoredModel> stored,
      Optional<IrisModelStatus.Model> pinned) {}

  /**
   * The run of a trainer Job, known from the Job's tag on it.
   *
   * @param finished whether it must be FINISHED
   */
  Optional<Run> runOf(URI trackingUri, String experiment, String job, boolean finished)
      throws MlflowException {
    MlflowClient mlflow = clients.of(trackingUri);
    Optional<String> id = mlflow.experimentId(experiment);
    if (id.isEmpty()) {
      return Optional.empty();
    }
    String filter =
        "%stags.`%s` = '%s'"
            .formatted(finished ? "attributes.status = 'FINISHED' and " : "", RunTags.JOB, job);
    return mlflow.searchRuns(id.get(), filter, 1).stream().findFirst();
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

  private Resolution latest(Query query) throws MlflowException {
    String experiment = query.model.latest().experiment();
    var key = new Name(query.trackingUri, experiment);
    Optional<String> known = experiments.get(key);
    List<Run> runs = known.isPresent() ? newest(query, known.get()) : List.of();
    if (runs.isEmpty()) {
      // A new one, an empty one, or one that was deleted.
      Optional<String> id = query.mlflow.experimentId(experiment);
      if (id.isEmpty()) {
        return new Unresolved(
            Reason.EXPERIMENT_NOT_FOUND,
            "MLflow at %s has no experiment '%s': log a run to it, or ask for a training"
                .formatted(query.trackingUri, experiment));
      }
      experiments.put(key, id.get());
      runs = newest(query, id.get());
    }
    for (Run run : runs) {
      Resolution resolution = byRun(query, run);
      if (!(resolution instanceof Unresolved(Reason reason, String _)
          && reason == Reason.ARTIFACT_MISSING)) {
        return resolution;
      }
    }
    return new Unresolved(
        Reason.NO_FINISHED_RUN,
        "no FINISHED run among the newest %d of experiment '%s' has the artifact '%s': log one, or ask for a training"
            .formatted(NEWEST, experiment, query.model.artifactPath()));
  }

  private static List<Run> newest(Query query, String experimentId) throws MlflowException {
    return query.mlflow.searchRuns(experimentId, "attributes.status = 'FINISHED'", NEWEST);
  }

  private Resolution registered(Query query) throws MlflowException {
    IrisModelSpec.Registered asked = query.model.registered();
    ModelVersion version;
    try {
      version =
          asked.alias() == null
              ? query.mlflow.version(asked.name(), asked.version())
              : query.mlflow.versionByAlias(asked.name(), asked.alias());
    } catch (MlflowException e) {
      if (e.reason() != MlflowException.Reason.NOT_FOUND) {
        throw e;
      }
      return new Unresolved(
          Reason.REGISTERED_MODEL_NOT_FOUND,
          "MLflow at %s has no registered model '%s' with %s: register it, or name one that is there"
              .formatted(query.trackingUri, asked.name(), which(asked)));
    }
    String named = "version %s of registered model '%s'".formatted(version.version(), asked.name());
    if (!version.ready()) {
      return new Unresolved(
          Reason.VERSION_NOT_READY, named + " is not READY in MLflow: it is served once it is");
    }
    if (version.runId().isEmpty()) {
      return new Unresolved(
          Reason.VERSION_WITHOUT_RUN,
          named + " was registered without a run: register a run's model");
    }
    return resolution(query, runOf(query, version), Optional.of(version));
  }

  private static String which(IrisModelSpec.Registered asked) {
    return asked.alias() == null ? "version " + asked.version() : "alias '" + asked.alias() + "'";
  }

  private Run runOf(Query query, ModelVersion version) throws MlflowException {
    var key = new Name(query.trackingUri, version.runId());
    Optional<Run> recent = runs.get(key).filter(s -> isWithin(s.at(), RUN_STAYS)).map(Seen::what);
    if (recent.isPresent()) {
      return recent.get();
    }
    Run run = run(query.mlflow, version.runId());
    runs.put(key, new Seen<>(run, clock.instant()));
    return run;
  }

  private boolean isWithin(Instant since, Duration time) {
    return clock.instant().isBefore(since.plus(time));
  }

  private Resolution byRun(Query query, Run run) throws MlflowException {
    return resolution(query, run, Optional.empty());
  }

  private Resolution resolution(Query query, Run run, Optional<ModelVersion> version)
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
    var key =
        new VerifiedFolder.Key(
            query.trackingUri,
            id,
            version
                .map(v -> "models:/" + v.name() + "/" + v.version())
                .orElseGet(query.model::artifactPath));
    Optional<VerifiedFolder> known =
        verified
            .get(key)
            .filter(folder -> query.stored.containsKey(folder.digest()))
            .or(() -> stored(query, run, version));
    if (known.isPresent()) {
      verified.put(key, known.get());
      return new Resolved(model(query, run, version, known.get()), Optional.empty());
    }
    Optional<Seen<Unresolved>> refused =
        broken.get(key).filter(b -> isWithin(b.at(), BROKEN_STAYS));
    if (refused.isPresent()) {
      return refused.get().what();
    }
    Optional<String> folder =
        version.isPresent()
            ? query.mlflow.artifacts().modelFolder(version.get(), run)
            : query.mlflow.artifacts().modelFolder(run, query.model.artifactPath());
    if (folder.isEmpty()) {
      return new Unresolved(
          Reason.ARTIFACT_MISSING,
          version
              .map(
                  v ->
                      "version %s of registered model '%s': its source %s holds no files: register it anew"
                          .formatted(v.version(), v.name(), v.source()))
              .orElseGet(
                  () ->
                      "run %s has no artifact '%s': log the model under that name, or set model.artifactPath"
                          .formatted(id, query.model.artifactPath())));
    }
    return download(query, run, version, folder.get(), key);
  }

  /** One at a time: a large model takes many times its size while it is read. */
  private synchronized Resolution download(
      Query query,
      Run run,
      Optional<ModelVersion> version,
      String folderUri,
      VerifiedFolder.Key key)
      throws MlflowException {
    ModelFolder files =
        new ModelFolder(query.mlflow.artifacts().download(folderUri, ModelFolder.MAX_BYTES));
    String digest = files.digest();
    Optional<String> expected = expectedDigest(query, run, folderUri);
    if (expected.isPresent() && !expected.get().equals(digest)) {
      Unresolved mismatch =
          new Unresolved(
              Reason.DIGEST_MISMATCH,
              "run %s: %s has the digest %s, expected is %s: its files were changed after they were logged; log the model in a new run"
                  .formatted(run.runId(), folderUri, digest, expected.get()));
      // What another IrisModel was promised is nothing to this one; the tag is for all.
      return isTagged(run, folderUri) ? refused(key, mismatch) : mismatch;
    }
    try {
      var fresh = new VerifiedFolder(folderUri, ServableModel.of(files, digest).digest());
      verified.put(key, fresh);
      return new Resolved(model(query, run, version, fresh), Optional.of(files));
    } catch (InvalidModelException e) {
      return refused(
          key,
          new Unresolved(
              Reason.MODEL_INVALID,
              "run %s, artifact '%s', cannot be served: %s: log the model anew"
                  .formatted(run.runId(), nameOf(folderUri), e.getMessage())));
    }
  }

  private static boolean isTagged(Run run, String folderUri) {
    return run.tags().containsKey(RunTags.DIGEST + nameOf(folderUri));
  }

  private Unresolved refused(VerifiedFolder.Key key, Unresolved refused) {
    broken.put(key, new Seen<>(refused, clock.instant()));
    return refused;
  }

  /** As the trainer has tagged the run, or as it was when it was first served. */
  private static Optional<String> expectedDigest(Query query, Run run, String folderUri) {
    return Optional.ofNullable(run.tags().get(RunTags.DIGEST + nameOf(folderUri)))
        .or(
            () ->
                query
                    .pinned
                    .filter(
                        p ->
                            p.runId().equals(run.runId())
                                && folderUri.equals(p.artifactUri())
                                && query.trackingUri.toString().equals(p.trackingUri()))
                    .map(IrisModelStatus.Model::digest));
  }

  private static String nameOf(String folderUri) {
    return folderUri.substring(folderUri.lastIndexOf('/') + 1);
  }

  /** What the cluster's copy was made of, for an operator that has just started. */
  private static Optional<VerifiedFolder> stored(
      Query query, Run run, Optional<ModelVersion> version) {
    return query.stored.values().stream()
        .map(StoredModel::model)
        .filter(m -> m.runId().equals(run.runId()))
        .filter(m -> query.trackingUri.toString().equals(m.trackingUri()))
        .filter(
            m ->
                version
                    .map(
                        v ->
                            v.name().equals(m.registeredModel()) && v.version().equals(m.version()))
                    .orElseGet(
                        () ->
                            m.registeredModel() == null
                                && query.model.artifactPath().equals(m.artifactPath())))
        .map(m -> new VerifiedFolder(m.artifactUri(), m.digest()))
        .findFirst();
  }

  private static IrisModelStatus.Model model(
      Query query, Run run, Optional<ModelVersion> version, VerifiedFolder folder) {
    Map<String, Double> metrics = new TreeMap<>(run.metrics());
    // JSON has no NaN.
    metrics
        .entrySet()
        .removeIf(m -> !METRICS.contains(m.getKey()) || !Double.isFinite(m.getValue()));
    IrisModelSpec.Model asked = query.model;
    return new IrisModelStatus.Model(
        run.runId(),
        version.map(ModelVersion::name).orElse(null),
        version.map(v -> asked.registered().alias()).orElse(null),
        version.map(ModelVersion::version).orElse(null),
        asked.latest() == null ? null : asked.latest().experiment(),
        query.trackingUri.toString(),
        version.isPresent() ? null : asked.artifactPath(),
        folder.artifactUri(),
        folder.digest(),
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
      case REJECTED ->
          new Unresolved(
              Reason.MLFLOW_REFUSED,
              "MLflow at %s refused: %s".formatted(trackingUri, e.getMessage()));
    };
  }
}
