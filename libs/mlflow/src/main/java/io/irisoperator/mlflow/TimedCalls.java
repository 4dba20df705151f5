package io.irisoperator.mlflow;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs calls with a deadline and reports them to the listener. Java's HTTP client does not limit
 * the time that a whole answer takes.
 *
 * <p>Each call has a virtual thread of its own, which is interrupted at the deadline: an interrupt
 * closes the socket that a virtual thread reads from, so that a call that hangs leaves no thread
 * behind.
 */
final class TimedCalls implements AutoCloseable {
  private final MlflowCallListener listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  TimedCalls(MlflowCallListener listener) {
    this.listener = listener;
  }

  /**
   * Runs a call.
   *
   * @param operation for the listener
   * @param url for messages
   * @param call may throw an {@link MlflowException}; any other exception means that MLflow is
   *     unreachable
   */
  <T> T run(String operation, String url, Duration limit, Callable<T> call) throws MlflowException {
    long start = System.nanoTime();
    String outcome = "ok";
    try {
      return run(url, limit, call);
    } catch (MlflowException e) {
      outcome = e.reason().name().toLowerCase(Locale.ROOT);
      throw e;
    } finally {
      listener.onCall(operation, outcome, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private <T> T run(String url, Duration limit, Callable<T> call) throws MlflowException {
    Future<T> answer;
    try {
      answer = threads.submit(call);
    } catch (RejectedExecutionException e) {
      throw MlflowException.unreachable(url, "the connection was closed", e);
    }
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw MlflowException.unreachable(url, "no answer within " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MlflowException failure) {
        throw failure;
      }
      throw MlflowException.unreachable(url, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw MlflowException.unreachable(url, "interrupted", e);
    } finally {
      answer.cancel(true);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
