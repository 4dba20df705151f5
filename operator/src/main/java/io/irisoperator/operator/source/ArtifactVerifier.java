package io.irisoperator.operator.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.irisoperator.contract.RunTags;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.ModelLocation;
import io.irisoperator.mlflow.Run;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.ServableModel;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.state.Resolution.Unresolved;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Downloads the bytes of a model once, and verifies that they can be served. Thread-safe. */
final class ArtifactVerifier {
  /** How long an invalid model is remembered before it is downloaded again. */
  private static final Duration INVALID_TTL = Duration.ofSeconds(30);

  private static final int MAX_CACHED = 10_000;
  private static final int MAX_MESSAGE = 1_000;

  private final Cache<VerifiedFolder.Key, VerifiedFolder> verified =
      Caffeine.newBuilder().maximumSize(MAX_CACHED).build();
  private final Cache<VerifiedFolder.Key, Unresolved> invalid;

  ArtifactVerifier(Clock clock) {
    this.invalid =
        Caffeine.newBuilder()
            .maximumSize(MAX_CACHED)
            .expireAfterWrite(INVALID_TTL)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .build();
  }

  /** The result of a verification. */
  sealed interface Result {}

  /**
   * The model can be served.
   *
   * @param archive its bytes, if they were downloaded now
   */
  record Verified(VerifiedFolder folder, Optional<ModelArchive> archive) implements Result {}

  /** The model cannot be served. */
  record Invalid(Unresolved why) implements Result {}

  Result verify(ModelQuery query, MlflowClient mlflow, ModelArtifact artifact)
      throws MlflowException {
    VerifiedFolder.Key key = artifact.key(query, mlflow.connection());
    Optional<VerifiedFolder> known =
        Optional.ofNullable(verified.getIfPresent(key))
            .or(() -> known(query, artifact))
            .filter(folder -> query.isStored().test(folder.digest()));
    if (known.isPresent()) {
      verified.put(key, known.get());
      return new Verified(known.get(), Optional.empty());
    }
    Optional<Unresolved> knownInvalid = Optional.ofNullable(invalid.getIfPresent(key));
    if (knownInvalid.isPresent()) {
      return new Invalid(knownInvalid.get());
    }
    Optional<ModelLocation> location =
        artifact.version().isPresent()
            ? mlflow.artifacts().modelFolder(artifact.version().get(), artifact.run())
            : mlflow.artifacts().modelFolder(artifact.run(), query.spec().artifactPath());
    return location.isPresent()
        ? download(query, mlflow, artifact, location.get())
        : new Invalid(missing(query, artifact));
  }

  private static Unresolved missing(ModelQuery query, ModelArtifact artifact) {
    return new Unresolved(
        Reason.ARTIFACT_MISSING,
        artifact
            .version()
            .map(
                v ->
                    "version %s of registered model '%s' has no files in its source %s: register a new version"
                        .formatted(v.version(), v.name(), v.source()))
            .orElseGet(
                () ->
                    "run %s has no artifact '%s': log the model under that name, or set model.artifactPath"
                        .formatted(artifact.run().runId(), query.spec().artifactPath())));
  }

  /** The bytes of a model that was verified before, if MLflow still has them. */
  synchronized Optional<ModelArchive> download(MlflowClient mlflow, PinnedModel model)
      throws MlflowException {
    ModelFolder files =
        new ModelFolder(mlflow.artifacts().download(model.artifactUri(), ModelFolder.MAX_BYTES));
    return Optional.of(files)
        .filter(found -> found.digest().equals(model.digest()))
        .map(ModelArchive::of);
  }

  /** One at a time: a large model takes many times its size while it is read. */
  private synchronized Result download(
      ModelQuery query, MlflowClient mlflow, ModelArtifact artifact, ModelLocation location)
      throws MlflowException {
    String folderUri = location.artifactUri();
    ModelFolder files =
        new ModelFolder(mlflow.artifacts().download(folderUri, ModelFolder.MAX_BYTES));
    String digest = files.digest();
    Run run = artifact.run();
    Optional<String> tagged = Optional.ofNullable(run.tags().get(RunTags.DIGEST + location.name()));
    if (tagged.isPresent() && !tagged.get().equals(digest)) {
      Unresolved mismatch =
          new Unresolved(
              Reason.DIGEST_MISMATCH,
              PinnedDigest.message(
                  run.runId(), artifact.name(query), folderUri, digest, tagged.get()));
      invalid.put(artifact.key(query, mlflow.connection()), mismatch);
      return new Invalid(mismatch);
    }
    try {
      VerifiedFolder folder =
          new VerifiedFolder(folderUri, ServableModel.of(files, digest).digest());
      verified.put(artifact.key(query, mlflow.connection()), folder);
      return new Verified(folder, Optional.of(ModelArchive.of(files)));
    } catch (InvalidModelException e) {
      Unresolved why =
          new Unresolved(
              Reason.MODEL_INVALID,
              "run %s: %s cannot be served: %s"
                  .formatted(run.runId(), artifact.name(query), excerpt(e.getMessage())));
      invalid.put(artifact.key(query, mlflow.connection()), why);
      return new Invalid(why);
    }
  }

  /** A file may have names of any length, a status may not. */
  private static String excerpt(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
  }

  /** The folder of a model that was verified before, for an operator that has just started. */
  private static Optional<VerifiedFolder> known(ModelQuery query, ModelArtifact artifact) {
    return query.known().models().stream()
        .filter(model -> artifact.isSourceOf(model, query))
        .map(model -> new VerifiedFolder(model.artifactUri(), model.digest()))
        .findFirst();
  }
}
