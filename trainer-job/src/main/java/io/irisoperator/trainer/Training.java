package io.irisoperator.trainer;

import io.irisoperator.contract.RunTags;
import io.irisoperator.contract.TrainerResult;
import io.irisoperator.evaluation.Scores;
import io.irisoperator.evaluation.data.DataFile;
import io.irisoperator.evaluation.data.Dataset;
import io.irisoperator.evaluation.data.DatasetReader;
import io.irisoperator.evaluation.data.Flower;
import io.irisoperator.evaluation.data.InvalidDataException;
import io.irisoperator.mlflow.DatasetInput;
import io.irisoperator.mlflow.LoggedModel;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.model.FeatureRanges;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One training, from the data to a finished MLflow run. */
final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  /** The tag by which MLflow's UI chooses the view of an experiment: model training or agents. */
  private static final String EXPERIMENT_KIND = "mlflow.experimentKind";

  private static final String MODEL_TRAINING = "custom_model_development";
  private static final String RUN_NAME = "iris-random-forest";
  private static final int MAX_TAG = 5000;
  private static final int MAX_ATTEMPTS = 30;
  private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

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
    // Where network policies are enforced, a new pod can often connect only after some seconds.
    String experiment = withRetries(() -> mlflow.experimentIdOrNew(config.experiment()));
    tryTo(
        "set the kind of experiment " + config.experiment(),
        () -> mlflow.setExperimentTagIfAbsent(experiment, EXPERIMENT_KIND, MODEL_TRAINING));
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
        withRetries(
            () ->
                mlflow.register(
                    registration.name(), mlflow.run(run.runId()), config.artifactPath()));
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

  private interface Call<T> {
    T make() throws MlflowException;
  }

  /** Retries in this process, as a retry of the Job would train again and create another run. */
  private static <T> T withRetries(Call<T> call) throws MlflowException {
    for (int left = MAX_ATTEMPTS; ; left--) {
      try {
        return call.make();
      } catch (MlflowException e) {
        if (left <= 1 || e.reason() != MlflowException.Reason.UNREACHABLE) {
          throw e;
        }
        LOG.warn("MLflow is unavailable, retrying: {}", e.getMessage());
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
        DatasetReader.read(
            DataFile.fetch(config.trainData(), config.trainDataDigest(), config.proxies()));
    Dataset test = DatasetReader.read(config.testData());
    LOG.info("{} training rows, {} test rows", train.size(), test.size());
    DatasetInput trainInput = DatasetInputs.of(train, config.trainData(), "training");
    DatasetInput testInput = DatasetInputs.of(test, config.testData().toString(), "testing");
    tryTo("log the data sets", () -> mlflow.logInputs(run.runId(), List.of(trainInput, testInput)));

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
        "accuracy {} on the training data, {} on the test data",
        onTrain.accuracy(),
        onTest.accuracy());
    FeatureRanges ranges =
        FeatureRanges.of(train.flowers().stream().map(Flower::features).toList());
    long outOfRange =
        test.flowers().stream().filter(row -> !ranges.contain(row.features(), 0)).count();
    LOG.info("{} test rows have a feature outside the range of the training rows", outOfRange);
    Optional<LoggedModel> logged = loggedModel(run);
    ModelFolder model =
        ModelFiles.of(
            fit.forest(),
            train,
            test,
            new ModelFiles.Origin(run.runId(), config.artifactPath(), logged),
            clock.instant());
    logScores(run, logged, trainInput, metrics("train_", onTrain));
    Map<String, Double> testMetrics = metrics("test_", onTest);
    testMetrics.put("test_rows_out_of_range", (double) outOfRange);
    logScores(run, logged, testInput, testMetrics);
    mlflow.log(
        run.runId(),
        Map.of(),
        Map.of(),
        Map.of(
            RunTags.TRAIN_DATA_DIGEST,
            train.digest(),
            RunTags.TEST_DATA_DIGEST,
            test.digest(),
            // The operator rejects a model that was changed after the training.
            RunTags.DIGEST + config.artifactPath(),
            model.digest(),
            RunTags.TREES_BUILT,
            parameters.nEstimators() + "/" + parameters.nEstimators()),
        clock.instant());

    upload(run, logged, model);
    for (Map.Entry<String, String> file : Report.files(onTest, fit.importances()).entrySet()) {
      mlflow
          .artifacts()
          .upload(run, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
    }
    LOG.info(
        "logged the model as {}, {} files, digest {}",
        config.artifactPath(),
        model.files().size(),
        model.digest());
    return onTest;
  }

  /**
   * A logged model for the files, as MLflow 3's own clients have it: the UI lists it with its
   * parameters and scores, and {@code runs:/…} leads to it. Empty for MLflow 2, and for a server
   * that rejects it: the files then become the run's own, where every version finds them.
   */
  private Optional<LoggedModel> loggedModel(Run run) throws MlflowException {
    if (!mlflow.artifacts().takesLoggedModels(run)) {
      LOG.info(
          "no logged model, the run gets the model's files: MLflow does not serve {}",
          run.artifactUri());
      return Optional.empty();
    }
    try {
      return Optional.of(
          mlflow.createLoggedModel(run, config.artifactPath(), params(config.parameters())));
    } catch (MlflowException e) {
      if (e.reason() == MlflowException.Reason.UNREACHABLE) {
        throw e;
      }
      LOG.info("no logged model, the run gets the model's files: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void logScores(
      Run run, Optional<LoggedModel> model, DatasetInput data, Map<String, Double> metrics)
      throws MlflowException {
    if (model.isPresent()) {
      mlflow.logMetrics(run, model.get(), data, metrics, clock.instant());
    } else {
      mlflow.log(run.runId(), Map.of(), metrics, Map.of(), clock.instant());
    }
  }

  private void upload(Run run, Optional<LoggedModel> logged, ModelFolder model)
      throws MlflowException {
    if (logged.isEmpty()) {
      for (Map.Entry<String, byte[]> file : model.files().entrySet()) {
        String path = config.artifactPath() + "/" + file.getKey();
        mlflow.artifacts().upload(run, path, file.getValue());
      }
      return;
    }
    try {
      for (Map.Entry<String, byte[]> file : model.files().entrySet()) {
        mlflow.artifacts().upload(logged.get(), file.getKey(), file.getValue());
      }
      mlflow.finishLoggedModel(run, logged.get());
    } catch (MlflowException e) {
      tryTo("mark the logged model as failed", () -> mlflow.failLoggedModel(logged.get()));
      throw e;
    }
  }

  private interface Step {
    void run() throws MlflowException;
  }

  /** For what MLflow's UI shows and nothing depends on. */
  private static void tryTo(String what, Step step) {
    try {
      step.run();
    } catch (MlflowException e) {
      LOG.warn("cannot {}: {}", what, e.getMessage());
    }
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

  private static Map<String, Double> metrics(String prefix, Scores scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(prefix + "accuracy", scores.accuracy());
    metrics.put(prefix + "precision", scores.precision());
    metrics.put(prefix + "recall", scores.recall());
    metrics.put(prefix + "f1", scores.f1());
    return metrics;
  }
}
