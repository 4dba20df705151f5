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
 * How many trees there are, as a tag of the run, told once a second by a thread of its own: those
 * that build trees wait for nobody. The last word has the training, which knows when all are there.
 */
final class Progress implements IntConsumer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);

  private final MlflowClient mlflow;
  private final Run run;
  private final int trees;
  private final AtomicInteger built = new AtomicInteger();
  private final ScheduledExecutorService teller =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("progress").factory());

  private int told;

  Progress(MlflowClient mlflow, Run run, int trees) {
    this.mlflow = mlflow;
    this.run = run;
    this.trees = trees;
    var _ = teller.scheduleWithFixedDelay(this::tell, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void accept(int trees) {
    built.accumulateAndGet(trees, Math::max);
  }

  private void tell() {
    int now = built.get();
    if (now == told) {
      return;
    }
    try {
      mlflow.log(
          run.runId(),
          Map.of(),
          Map.of(),
          Map.of(RunTags.TREES_BUILT, now + "/" + trees),
          Instant.now());
      told = now;
    } catch (MlflowException e) {
      LOG.warn("progress is not told: {}", e.getMessage());
    }
  }

  /** Nothing is told once this returns. */
  @Override
  public void close() {
    teller.close();
  }
}
