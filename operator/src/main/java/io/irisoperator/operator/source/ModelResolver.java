package io.irisoperator.operator.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.irisoperator.mlflow.Connection;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.operator.api.ModelSpec;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.api.RegisteredModel;
import io.irisoperator.operator.source.ArtifactVerifier.Invalid;
import io.irisoperator.operator.source.ArtifactVerifier.Verified;
import io.irisoperator.operator.state.Resolution;
import io.irisoperator.operator.state.Resolution.Resolved;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Resolves what a resource selects in MLflow to a verified model. Thread-safe. */
public final class ModelResolver {
  /** How many of the latest runs, and then of the latest logged models, are searched. */
  private static final int MAX_RUNS = 20;

  /**
   * The scores that the trainer logs, and scikit-learn users by convention. A run may have
   * thousands.
   */
  private static final List<String> METRICS =
      Stream.of("train_", "test_")
          .flatMap(set -> Stream.of("accuracy", "precision", "recall", "f1").map(set::concat))
          .toList();

  /**
   * How long the run of a version or a logged model is remembered; those are read at every poll.
   */
  private static final Duration RUN_TTL = Duration.ofMinutes(1);

  /** How long the id of an experiment is remembered: another one may get its name. */
  private static final Duration EXPERIMENT_TTL = Duration.ofSeconds(30);

  private static final int MAX_CACHED = 10_000;

  private final MlflowConnections connections;
  private final ArtifactVerifier verifier;
  private final Cache<Name, Run> runs;
  private final Cache<Name, String> experiments;

  /** A run or an experiment of a server, for those with the same credentials. */
  private record Name(Connection connection, String name) {}

  public ModelResolver(MlflowConnections connections, Clock clock) {
    this.connections = connections;
    this.verifier = new ArtifactVerifier(clock);
    this.runs = cache(RUN_TTL, clock);
    this.experiments = cache(EXPERIMENT_TTL, clock);
  }

  private static <T> Cache<Name, T> cache(Duration ttl, Clock clock) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_CACHED)
        .expireAfterWrite(ttl)
        .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
        .build();
  }

  /** Resolves a query. A model that is stored in the cluster is not downloaded again. */
  public Resolution resolve(ModelQuery query) {
    MlflowClient mlflow;
    try {
      mlflow = connections.client(query.server());
    } catch (MlflowException e) {
      return new Unresolved(
          reason(e), "MLflow at %s: %s".formatted(query.trackingUri(), e.getMessage()));
    }
    ModelSpec spec = query.spec();
    try {
      if (spec.runId() != null) {
        return ofRun(query, mlflow, run(mlflow, spec.runId()), Optional.empty());
      }
      return spec.latest() != null ? latest(query, mlflow) : registered(query, mlflow);
    } catch (MlflowException e) {
      return unresolved(query.server(), e);
    }
  }

  /** The bytes of a model that was resolved before; empty if MLflow does not have them now. */
  public Optional<ModelArchive> download(MlflowServer server, PinnedModel model) {
    try {
      return verifier.download(connections.client(server), model);
    } catch (MlflowException e) {
      return Optional.empty();
    }
  }

  private static Run run(MlflowClient mlflow, String runId) throws MlflowException {
    try {
      return mlflow.run(runId);
    } catch (MlflowException e) {
      if (e.reason() != MlflowException.Reason.NOT_FOUND) {
        throw e;
      }
      throw new MlflowException(
          e.reason(),
          "run %s does not exist: set spec.model.runId to an existing run".formatted(runId),
          e);
    }
  }

  private Resolution latest(ModelQuery query, MlflowClient mlflow) throws MlflowException {
    String experiment = query.spec().latest().experiment();
    Name key = new Name(mlflow.connection(), experiment);
    Optional<String> id = Optional.ofNullable(experiments.getIfPresent(key));
    List<Run> latest = id.isPresent() ? latestRuns(mlflow, id.get()) : List.of();
    if (latest.isEmpty()) {
      // The experiment is new, empty, or was deleted.
      id = mlflow.experimentId(experiment);
      if (id.isEmpty()) {
        return new Unresolved(
            Reason.EXPERIMENT_NOT_FOUND,
            "MLflow at %s has no experiment '%s': log a run to it, or request a training"
                .formatted(query.trackingUri(), experiment));
      }
      experiments.put(key, id.get());
      latest = latestRuns(mlflow, id.get());
    }
    Optional<Resolution> ofLatest = firstWithArtifact(query, mlflow, latest);
    if (ofLatest.isPresent()) {
      return ofLatest.get();
    }
    // Runs without a model, such as those of a search for parameters, must not hide it.
    List<Run> withModels = new ArrayList<>();
    for (String runId :
        mlflow.runsOfLoggedModels(id.get(), query.spec().artifactPath(), MAX_RUNS)) {
      try {
        Run run = recentRun(mlflow, runId);
        if (unusable(run).isEmpty()) {
          withModels.add(run);
        }
      } catch (MlflowException e) {
        // A model may outlive its run, which mlflow gc purges.
        if (e.reason() != MlflowException.Reason.NOT_FOUND) {
          throw e;
        }
      }
    }
    return firstWithArtifact(query, mlflow, withModels)
        .orElseGet(
            () ->
                new Unresolved(
                    Reason.NO_FINISHED_RUN,
                    "none of the latest %1$d FINISHED runs of experiment '%2$s', and none of its latest %1$d logged models, has the artifact '%3$s': log one, or request a training"
                        .formatted(MAX_RUNS, experiment, query.spec().artifactPath())));
  }

  private Optional<Resolution> firstWithArtifact(
      ModelQuery query, MlflowClient mlflow, List<Run> candidates) throws MlflowException {
    for (Run run : candidates) {
      Resolution resolution = ofRun(query, mlflow, run, Optional.empty());
      if (!(resolution instanceof Unresolved(Reason reason, String _)
          && reason == Reason.ARTIFACT_MISSING)) {
        return Optional.of(resolution);
      }
    }
    return Optional.empty();
  }

  private static List<Run> latestRuns(MlflowClient mlflow, String experimentId)
      throws MlflowException {
    return mlflow.searchRuns(experimentId, "attributes.status = 'FINISHED'", MAX_RUNS);
  }

  private Resolution registered(ModelQuery query, MlflowClient mlflow) throws MlflowException {
    RegisteredModel registered = query.spec().registered();
    ModelVersion version;
    try {
      version =
          registered.alias() == null
              ? mlflow.version(registered.name(), registered.version())
              : mlflow.versionByAlias(registered.name(), registered.alias());
    } catch (MlflowException e) {
      if (e.reason() != MlflowException.Reason.NOT_FOUND) {
        throw e;
      }
      return new Unresolved(
          Reason.REGISTERED_MODEL_NOT_FOUND,
          "MLflow at %s has no registered model '%s' with %s: register it, or select an existing one"
              .formatted(query.trackingUri(), registered.name(), selector(registered)));
    }
    String name =
        "version %s of registered model '%s'".formatted(version.version(), version.name());
    if (!version.ready()) {
      return new Unresolved(
          Reason.VERSION_NOT_READY, name + " is not READY in MLflow: waiting for it");
    }
    Optional<String> runId = version.run();
    Run run = runId.isPresent() ? recentRun(mlflow, runId.get()) : Run.standIn(version);
    return ofRun(query, mlflow, run, Optional.of(version));
  }

  private static String selector(RegisteredModel registered) {
    return registered.alias() == null
        ? "version " + registered.version()
        : "alias '" + registered.alias() + "'";
  }

  /** A run as it is, or was less than {@link #RUN_TTL} ago. */
  private Run recentRun(MlflowClient mlflow, String runId) throws MlflowException {
    Name key = new Name(mlflow.connection(), runId);
    Optional<Run> recent = Optional.ofNullable(runs.getIfPresent(key));
    if (recent.isPresent()) {
      return recent.get();
    }
    Run run = run(mlflow, runId);
    runs.put(key, run);
    return run;
  }

  private Resolution ofRun(
      ModelQuery query, MlflowClient mlflow, Run run, Optional<ModelVersion> version)
      throws MlflowException {
    Optional<Unresolved> unusable = unusable(run);
    if (unusable.isPresent()) {
      return unusable.get();
    }
    return switch (verifier.verify(query, mlflow, new ModelArtifact(run, version))) {
      case Verified(VerifiedFolder folder, var archive) ->
          new Resolved(model(query, run, version, folder), archive);
      case Invalid(Unresolved why) -> why;
    };
  }

  private static Optional<Unresolved> unusable(Run run) {
    String id = run.runId();
    if (run.deleted()) {
      return Optional.of(
          new Unresolved(
              Reason.RUN_DELETED,
              "run %s is deleted in MLflow: restore it, or select another run".formatted(id)));
    }
    return switch (run.status()) {
      case FINISHED -> Optional.empty();
      case FAILED, KILLED ->
          Optional.of(
              new Unresolved(
                  Reason.RUN_FAILED,
                  "run %s is %s in MLflow: select a FINISHED run".formatted(id, run.status())));
      default ->
          Optional.of(
              new Unresolved(
                  Reason.RUN_NOT_FINISHED,
                  "run %s is %s in MLflow: waiting for it to finish".formatted(id, run.status())));
    };
  }

  private static PinnedModel model(
      ModelQuery query, Run run, Optional<ModelVersion> version, VerifiedFolder folder) {
    Map<String, Double> metrics = new TreeMap<>(run.metrics());
    // JSON has no NaN.
    metrics
        .entrySet()
        .removeIf(m -> !METRICS.contains(m.getKey()) || !Double.isFinite(m.getValue()));
    ModelSpec spec = query.spec();
    return new PinnedModel(
        run.runId(),
        version.map(ModelVersion::name).orElse(null),
        version.map(v -> spec.registered().alias()).orElse(null),
        version.map(ModelVersion::version).orElse(null),
        spec.latest() == null ? null : spec.latest().experiment(),
        query.trackingUri().toString(),
        version.isPresent() ? null : spec.artifactPath(),
        folder.artifactUri(),
        folder.digest(),
        run.endTime().map(t -> t.truncatedTo(ChronoUnit.SECONDS).toString()).orElse(null),
        metrics);
  }

  private static Unresolved unresolved(MlflowServer server, MlflowException e) {
    String message =
        switch (e.reason()) {
          case NOT_FOUND -> "MLflow at %s: %s";
          case UNREACHABLE, NO_ENDPOINT -> "MLflow at %s is unreachable: %s; retrying";
          case UNAUTHORIZED -> "MLflow at %s: %s; " + login(server);
          case UNTRUSTED -> "MLflow at %s: %s; " + authority(server);
          case REJECTED -> "MLflow at %s rejected the request: %s";
        };
    return new Unresolved(reason(e), message.formatted(server.trackingUri(), e.getMessage()));
  }

  private static String login(MlflowServer server) {
    return server
        .credentialsSecret()
        .map(secret -> "put valid credentials into Secret " + server.namespace() + "/" + secret)
        .orElse(
            "name a Secret in mlflow.credentialsSecretName, or correct the operator's if this is its own MLflow");
  }

  private static String authority(MlflowServer server) {
    return server
        .caBundleConfigMap()
        .map(
            name ->
                "put its authority's certificate into ConfigMap " + server.namespace() + "/" + name)
        .orElse(
            "name a ConfigMap with its authority's certificate in mlflow.caBundleConfigMapName");
  }

  private static Reason reason(MlflowException e) {
    return switch (e.reason()) {
      case NOT_FOUND -> Reason.RUN_NOT_FOUND;
      case UNREACHABLE, NO_ENDPOINT -> Reason.MLFLOW_UNREACHABLE;
      case UNAUTHORIZED -> Reason.MLFLOW_UNAUTHORIZED;
      case UNTRUSTED -> Reason.MLFLOW_UNTRUSTED;
      case REJECTED -> Reason.MLFLOW_REQUEST_REJECTED;
    };
  }
}
