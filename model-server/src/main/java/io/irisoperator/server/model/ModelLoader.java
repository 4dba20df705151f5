package io.irisoperator.server.model;

import io.irisoperator.mlflow.MlflowArtifacts;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.ServableModel;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.metrics.ServerMetrics;
import io.micronaut.context.annotation.Context;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the pinned model while the server starts, from the copy at hand or from MLflow, verifies it,
 * and only then hands it over. What goes wrong may be mended, so it keeps trying, less and less
 * often.
 */
@Context
public final class ModelLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final ServerConfig config;
  private final LoadedModel loaded;
  private final ServerMetrics metrics;
  private final Thread thread;

  ModelLoader(ServerConfig config, LoadedModel loaded, ServerMetrics metrics) {
    this.config = config;
    this.loaded = loaded;
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().daemon().name("model-loader").unstarted(this::load);
  }

  /** While the server is being made. */
  @PostConstruct
  void start() {
    thread.start();
  }

  @PreDestroy
  void stop() {
    thread.interrupt();
  }

  private void load() {
    Duration pause = FIRST_PAUSE;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          long start = System.nanoTime();
          ServableModel model = get();
          metrics.modelLoaded(config, model, System.nanoTime() - start);
          loaded.loaded(model);
          LOG.info("model of run {} is loaded and verified, {}", config.runId(), model.digest());
          return;
        } catch (MlflowException | InvalidModelException | RuntimeException e) {
          loaded.failed(String.valueOf(e.getMessage()));
          LOG.warn(
              "model of run {} is not loaded, next try in {} ms: {}",
              config.runId(),
              pause.toMillis(),
              e.getMessage());
        }
        Thread.sleep(pause);
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServableModel get() throws MlflowException, InvalidModelException {
    Optional<ModelCopy> copy = ModelCopy.of(config);
    if (copy.isPresent()) {
      return verified(copy.get().read(), copy.get().toString());
    }
    return verified(download(), config.artifactUri());
  }

  /** A client for the moment: mostly there is a copy, and MLflow is not needed. */
  private ModelFolder download() throws MlflowException {
    try (MlflowArtifacts artifacts =
        new MlflowArtifacts(
            config.trackingUri(), TIMEOUT, config.credentials(), MlflowCallListener.NOOP)) {
      return new ModelFolder(artifacts.download(config.artifactUri(), ModelFolder.MAX_BYTES));
    }
  }

  private ServableModel verified(ModelFolder folder, String source) throws InvalidModelException {
    String digest = folder.digest();
    if (!digest.equals(config.modelDigest())) {
      throw new InvalidModelException(
          "%s has the digest %s, expected is %s".formatted(source, digest, config.modelDigest()));
    }
    return ServableModel.of(folder, digest);
  }
}
