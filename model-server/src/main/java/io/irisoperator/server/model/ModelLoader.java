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
 * Loads the pinned model while the server starts: from the stored copy if there is one, otherwise
 * from MLflow. A model is served only after it is verified. A failure may be repaired from outside,
 * so loading is retried with increasing pauses.
 */
@Context
public final class ModelLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(10);

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

  /** Starts loading while the rest of the server starts. */
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
          ServedModel model = loadVerified();
          metrics.modelLoaded(config, model.schema(), model.digest(), System.nanoTime() - start);
          loaded.loaded(model);
          LOG.info(
              "loaded and verified the model of run {}, digest {}",
              config.model().runId(),
              model.digest());
          return;
        } catch (MlflowException | InvalidModelException | RuntimeException e) {
          loaded.failed(String.valueOf(e.getMessage()));
          LOG.warn(
              "cannot load the model of run {}, retrying in {} ms: {}",
              config.model().runId(),
              pause.toMillis(),
              e.getMessage());
        }
        Thread.sleep(pause);
        pause = pause.multipliedBy(2).compareTo(MAX_PAUSE) < 0 ? pause.multipliedBy(2) : MAX_PAUSE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServedModel loadVerified() throws MlflowException, InvalidModelException {
    Optional<ModelCopy> copy = ModelCopy.of(config);
    if (copy.isPresent()) {
      return verify(copy.get().read(), copy.get().toString());
    }
    return verify(download(), config.model().artifactUri());
  }

  /** The client is short-lived: with a stored copy, MLflow is not needed at all. */
  private ModelFolder download() throws MlflowException {
    try (MlflowArtifacts artifacts =
        new MlflowArtifacts(
            config.mlflow().access().to(config.mlflow().trackingUri()),
            TIMEOUT,
            config.mlflow().proxies(),
            MlflowCallListener.NOOP)) {
      return new ModelFolder(
          artifacts.download(config.model().artifactUri(), ModelFolder.MAX_BYTES));
    }
  }

  private ServedModel verify(ModelFolder folder, String source) throws InvalidModelException {
    String digest = folder.digest();
    if (!digest.equals(config.model().digest())) {
      throw new InvalidModelException(
          "%s has digest %s, want %s".formatted(source, digest, config.model().digest()));
    }
    return ServedModel.of(ServableModel.of(folder, digest));
  }
}
