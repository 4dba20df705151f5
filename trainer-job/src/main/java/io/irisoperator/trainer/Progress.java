package io.irisoperator.trainer;

import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.Run;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many trees there are, as a tag of the run: once a second, by one of the threads that build
 * trees at a time. The last word has the training, which knows when all are there.
 */
final class Progress implements IntConsumer {
  /** The tag, such as {@code 57/100}. */
  static final String TAG = "iris-operator.io/trees-built";

  private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();

  private final MlflowClient mlflow;
  private final Run run;
  private final int trees;
  private final AtomicBoolean telling = new AtomicBoolean();
  private volatile long last = System.nanoTime();

  Progress(MlflowClient mlflow, Run run, int trees) {
    this.mlflow = mlflow;
    this.run = run;
    this.trees = trees;
  }

  @Override
  public void accept(int built) {
    if (System.nanoTime() - last < PAUSE || !telling.compareAndSet(false, true)) {
      return;
    }
    try {
      Map<String, String> tag = Map.of(TAG, built + "/" + trees);
      mlflow.log(run.runId(), Map.of(), Map.of(), tag, Instant.now());
    } catch (MlflowException e) {
      LOG.warn("progress is not told: {}", e.getMessage());
    } finally {
      last = System.nanoTime();
      telling.set(false);
    }
  }
}
