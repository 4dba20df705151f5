package io.irisoperator.trainer;

import io.irisoperator.contract.RunTags;
import io.irisoperator.contract.TrainerResult;
import io.irisoperator.evaluation.Scores;
import io.irisoperator.evaluation.data.DataFile;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.DatasetReader;
import io.irisoperator.evaluation.data.InvalidDataException;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.trainer.forest.ForestTrainer;
import io.irisoperator.trainer.forest.HyperParameters;
import io.irisoperator.trainer.model.ModelFiles;
import io.irisoperator.trainer.report.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training, from the data to a finished MLflow run. */
final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);
  private static final String RUN_NAME = "iris-random-forest";
  private static final int MAX_TAG = 5000;
  private static final int MAX_ATTEMPTS = 10;
  private static final Duration RETRY_DELAY = Duration.ofSeconds(3);

  private final TrainingConfig config;
  private final MlflowClient mlflow;
  private final Clock clock;
  private final AtomicReference<Run> open = new AtomicReference<>();

  Training(TrainingConfig config, MlflowClient mlflow, Clock clock) {
    this.config = config;
    this.mlflow = mlflow;
    this.clock = clock;
  }

  TrainerResult run() throws MlflowException, InvalidDataException, IOException {
    String experiment = mlflow.experimentIdOrNew(config.experiment());
    Run run = mlflow.createRun(experiment, RUN_NAME, clock.instant(), tags());
    open.set(run);
    LOG.info("MLflow run {} in experiment {}", run.runId(), config.experiment());
    try {
      Scores test = train(run);
      end(RunStatus.FINISHED);
      return new TrainerResult(run.runId(), test.accuracy(), test.f1(), register(run, test));
    } catch (MlflowException | InvalidDataException | IOException | RuntimeException | Error e) {
      fail(e.getMessage() == null ? e.toString() : e.getMessage());
      throw e;
    }
  }

  /** Marks the open run, if there is one, as failed, with the reason as a tag. */
  void fail(String reason) {
    Run run = open.get();
    if (run == null) {
      return;
    }
    String tag = reason.substring(0, Math.min(reason.length(), MAX_TAG));
    try {
      try {
        mlflow.log(run.runId(), Map.of(), Map.of(), Map.of(RunTags.FAILURE, tag), clock.instant());
      } finally {
        end(RunStatus.FAILED);
      }
    } catch (MlflowException e) {
      LOG.warn("cannot mark run {} as failed: {}", run.runId(), e.getMessage());
    }
  }

  private void end(RunStatus status) throws MlflowException {
    Run run = open.get();
    if (run != null) {
      mlflow.end(run.runId(), status, clock.instant());
      open.set(null);
    }
  }

  /** Requires a finished run, as the operator may serve an alias at once. */
  private Optional<TrainerResult.Registration> register(Run run, Scores test)
      throws MlflowException {
    if (config.registration().isEmpty()) {
      return Optional.empty();
    }
    TrainingConfig.Registration registration = config.registration().get();
    ModelVersion version =
        withRetries(() -> mlflow.register(registration.name(), run, config.artifactPath()));
    LOG.info("registered as version {} of {}", version.version(), version.name());
    Optional<String> alias =
        registration.alias().filter(a -> test.accuracy() >= registration.minAccuracy());
    if (alias.isPresent()) {
      withRetries(
          () -> {
            mlflow.setAlias(version, alias.get());
            return version;
          });
      LOG.info("moved alias {} to version {}", alias.get(), version.version());
    }
    return Optional.of(
        new TrainerResult.Registration(version.name(), version.version(), alias.isPresent()));
  }

  private interface Call {
    ModelVersion make() throws MlflowException;
  }

  /** Retries in this process, as a retry of the Job would train again and create another run. */
  private static ModelVersion withRetries(Call call) throws MlflowException {
    for (int left = MAX_ATTEMPTS; ; left--) {
      try {
        return call.make();
      } catch (MlflowException e) {
        if (left <= 1 || e.reason() != MlflowException.Reason.UNREACHABLE) {
          throw e;
        }
        LOG.warn("not registered yet, retrying: {}", e.getMessage());
        try {
          Thread.sleep(RETRY_DELAY);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
      }
    }
  }

  private Scores train(Run run) throws MlflowException, InvalidDataException, IOException {
    HyperParameters parameters = config.parameters();
    mlflow.log(run.runId(), params(parameters), Map.of(), Map.of(), clock.instant());
    Dataset train =
        DatasetReader.read(DataFile.fetch(config.trainData(), config.trainDataDigest()));
    Dataset test = DatasetReader.read(config.testData());
    LOG.info("{} training rows, {} test rows", train.size(), test.size());

    long start = System.nanoTime();
    ForestTrainer.Fit fit;
    try (Progress progress = new Progress(mlflow, run, parameters.nEstimators())) {
      fit = ForestTrainer.fit(train, parameters, progress);
    }
    LOG.info(
        "{} trees, {} nodes in {} ms",
        fit.forest().treeCount(),
        fit.forest().nodeCount(),
        Duration.ofNanos(System.nanoTime() - start).toMillis());

    Scores onTrain = Scores.of(fit.forest(), train);
    Scores onTest = Scores.of(fit.forest(), test);
    LOG.info(
        "accuracy {} on training rows, {} on test rows", onTrain.accuracy(), onTest.accuracy());
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics(metrics, "train_", onTrain);
    metrics(metrics, "test_", onTest);
    ModelFolder model =
        ModelFiles.of(
            fit.forest(), train, test, run.runId(), config.artifactPath(), clock.instant());
    Map<String, String> digests =
        Map.of(
            RunTags.TRAIN_DATA_DIGEST,
            train.digest(),
            RunTags.TEST_DATA_DIGEST,
            test.digest(),
            // The operator rejects a model that was changed after the training.
            RunTags.DIGEST + config.artifactPath(),
            model.digest(),
            RunTags.TREES_BUILT,
            parameters.nEstimators() + "/" + parameters.nEstimators());
    mlflow.log(run.runId(), Map.of(), metrics, digests, clock.instant());

    for (Map.Entry<String, byte[]> file : model.files().entrySet()) {
      upload(run, config.artifactPath() + "/" + file.getKey(), file.getValue());
    }
    for (Map.Entry<String, String> file : Report.files(onTest, fit.importances()).entrySet()) {
      upload(run, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
    }
    LOG.info("logged the model as {}, digest {}", config.artifactPath(), model.digest());
    return onTest;
  }

  private void upload(Run run, String path, byte[] bytes) throws MlflowException {
    mlflow.artifacts().upload(run, path, bytes);
    LOG.info("uploaded {} ({} bytes)", path, bytes.length);
  }

  private Map<String, String> tags() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("mlflow.user", "iris-operator");
    tags.put("mlflow.source.name", "trainer-job");
    tags.put("mlflow.source.type", "JOB");
    config.gitCommit().ifPresent(commit -> tags.put("mlflow.source.git.commit", commit));
    config.irisModel().ifPresent(name -> tags.put(RunTags.IRIS_MODEL, name));
    config.job().ifPresent(name -> tags.put(RunTags.JOB, name));
    return tags;
  }

  private static Map<String, String> params(HyperParameters parameters) {
    return Map.of(
        "n_estimators", Integer.toString(parameters.nEstimators()),
        "max_depth", Integer.toString(parameters.maxDepth()),
        "min_samples_split", Integer.toString(parameters.minSamplesSplit()),
        "min_samples_leaf", Integer.toString(parameters.minSamplesLeaf()),
        "random_state", Long.toString(parameters.randomState()));
  }

  private static void metrics(Map<String, Double> metrics, String prefix, Scores scores) {
    metrics.put(prefix + "accuracy", scores.accuracy());
    metrics.put(prefix + "precision", scores.precision());
    metrics.put(prefix + "recall", scores.recall());
    metrics.put(prefix + "f1", scores.f1());
  }
}
