package io.irisoperator.operator.runtime;

import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one operator of the SDK after the other in the same process: one that lost leadership, or
 * cannot reach the API server, stops writing, and the next one starts. A restart of the pod would
 * not help.
 */
public final class LeadershipLoop {
  private static final Logger LOG = LoggerFactory.getLogger(LeadershipLoop.class);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(2);

  private final AtomicReference<Optional<Operator>> current =
      new AtomicReference<>(Optional.empty());
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** One for each operator: what an earlier one reports late says nothing about the current one. */
  private final AtomicReference<AtomicBoolean> leading = new AtomicReference<>(new AtomicBoolean());

  /**
   * Runs until {@link #stop}.
   *
   * @param operators creates an operator that calls its first argument when it leads or needs no
   *     election, and the second one when it loses leadership
   */
  public void run(BiFunction<Runnable, Runnable, Operator> operators) {
    try {
      do {
        CountDownLatch lost = new CountDownLatch(1);
        AtomicBoolean leads = new AtomicBoolean();
        leading.set(leads);
        try {
          Operator operator =
              operators.apply(
                  () -> leads.set(true),
                  () -> {
                    leads.set(false);
                    lost.countDown();
                  });
          current.set(Optional.of(operator));
          operator.start();
          LOG.info("started");
          lost.await();
          if (stopped.getCount() > 0) {
            LOG.warn("lost leadership, restarting");
            operator.stop();
          }
        } catch (RuntimeException e) {
          LOG.error("cannot start: {}", e.getMessage(), e);
          // An operator that has not started stops nothing: its informers end with their client.
          current.get().ifPresent(operator -> operator.getKubernetesClient().close());
        }
      } while (!stopped.await(RETRY_INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops the current operator; no other follows. */
  public void stop() {
    stopped.countDown();
    leading.get().set(false);
    current.get().ifPresent(Operator::stop);
  }

  public boolean isLeading() {
    return leading.get().get();
  }

  public boolean isStarted() {
    return current.get().filter(operator -> operator.getRuntimeInfo().isStarted()).isPresent();
  }

  /** Whether all watches are established. */
  public boolean isHealthy() {
    return current
        .get()
        .filter(operator -> operator.getRuntimeInfo().isStarted())
        .filter(operator -> operator.getRuntimeInfo().allEventSourcesAreHealthy())
        .isPresent();
  }
}
