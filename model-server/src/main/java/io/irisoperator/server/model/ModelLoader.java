package io.irisoperator.server.model;

import io.irisoperator.forest.BrokenModelException;
import io.irisoperator.forest.ModelFolder;
import io.irisoperator.forest.ServableModel;
import io.irisoperator.mlflow.MlflowCalls;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.Run;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.metrics.ServerMetrics;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets the pinned run's model once the server is up, verifies it, and only then hands it over. What
 * goes wrong may be mended, so it keeps trying, less and less often.
 */
@Singleton
public final class ModelLoader implements ApplicationEventListener<ServerStartupEvent> {
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

  @Override
  public void onApplicationEvent(ServerStartupEvent event) {
    thread.start();
  }

  @PreDestroy
  void stop() {
    thread.interrupt();
  }

  private void load() {
    Duration pause = FIRST_PAUSE;
    try (MlflowClient mlflow =
        new MlflowClient(
            config.trackingUri(), TIMEOUT, config.credentials(), MlflowCalls.UNHEARD)) {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          long start = System.nanoTime();
          ServableModel model = get(mlflow);
          metrics.modelLoaded(config, model, System.nanoTime() - start);
          loaded.loaded(model);
          LOG.info("model of run {} is loaded and verified, {}", config.runId(), model.digest());
          return;
        } catch (MlflowException | BrokenModelException | RuntimeException e) {
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

  private ServableModel get(MlflowClient mlflow) throws MlflowException, BrokenModelException {
    Run run = mlflow.run(config.runId());
    String folder =
        mlflow
            .artifacts()
            .modelFolder(run, config.artifactPath())
            .orElseThrow(
                () ->
                    new BrokenModelException(
                        "run %s has no artifact %s"
                            .formatted(config.runId(), config.artifactPath())));
    ServableModel model =
        ServableModel.of(
            new ModelFolder(mlflow.artifacts().download(folder, ModelFolder.MAX_BYTES)));
    if (!model.digest().equals(config.modelDigest())) {
      throw new BrokenModelException(
          "%s has the digest %s, expected is %s"
              .formatted(folder, model.digest(), config.modelDigest()));
    }
    return model;
  }
}
