package io.irisoperator.trainer;

import io.irisoperator.contract.RunTags;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.Run;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the number of trees as a tag of the run, once a second and from a thread of its own, so
 * that building trees does not wait for MLflow. The training itself reports the final number.
 */
final class Progress implements IntConsumer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private final MlflowClient mlflow;
  private final Run run;
  private final int trees;
  private final AtomicInteger built = new AtomicInteger();
  private final ScheduledExecutorService reporter =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("progress").factory());

  private int reported;

  Progress(MlflowClient mlflow, Run run, int trees) {
    this.mlflow = mlflow;
    this.run = run;
    this.trees = trees;
    var _ = reporter.scheduleWithFixedDelay(this::report, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void accept(int trees) {
    built.accumulateAndGet(trees, Math::max);
  }

  private void report() {
    int now = built.get();
    if (now == reported) {
      return;
    }
    try {
      mlflow.log(
          run.runId(),
          Map.of(),
          Map.of(),
          Map.of(RunTags.TREES_BUILT, now + "/" + trees),
          Instant.now());
      reported = now;
    } catch (MlflowException e) {
      LOG.warn("cannot report progress: {}", e.getMessage());
    }
  }

  /** Nothing is reported after this returns. */
  @Override
  public void close() {
    reporter.close();
  }
}
