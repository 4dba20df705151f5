package io.irisoperator.operator.runtime;

import io.javaoperatorsdk.operator.Operator;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One operator of the SDK after the other: who has lost the lead, or cannot reach the API server,
 * stops writing and begins anew, in the same process. A restart of the pod would help nobody.
 */
public final class Terms {
  private static final Logger LOG = LoggerFactory.getLogger(Terms.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final AtomicReference<Optional<Operator>> current =
      new AtomicReference<>(Optional.empty());
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * Serves one term after the other until {@link #end}.
   *
   * @param operators makes one that tells when its term is over
   */
  public void serve(Function<Runnable, Operator> operators) {
    try {
      do {
        CountDownLatch over = new CountDownLatch(1);
        try {
          Operator operator = operators.apply(over::countDown);
          current.set(Optional.of(operator));
          operator.start();
          LOG.info("started");
          over.await();
          if (ended.getCount() > 0) {
            LOG.warn("lost the lead: beginning anew");
            operator.stop();
          }
        } catch (RuntimeException e) {
          LOG.error("cannot start: {}", e.getMessage(), e);
          // One that has not started stops nothing: the informers that run end with their client.
          current.get().ifPresent(operator -> operator.getKubernetesClient().close());
        }
      } while (!ended.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** No term follows, and this one is over. */
  public void end() {
    ended.countDown();
    current.get().ifPresent(Operator::stop);
  }

  public boolean isStarted() {
    return current.get().filter(operator -> operator.getRuntimeInfo().isStarted()).isPresent();
  }

  /** Whether all is watched that is to be watched. */
  public boolean isHealthy() {
    return current
        .get()
        .filter(operator -> operator.getRuntimeInfo().isStarted())
        .filter(operator -> operator.getRuntimeInfo().allEventSourcesAreHealthy())
        .isPresent();
  }
}
