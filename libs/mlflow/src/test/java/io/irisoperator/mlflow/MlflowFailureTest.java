package io.irisoperator.mlflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What goes wrong between us and MLflow is told by URL and cause. The real server is asked in e2e.
 */
class MlflowFailureTest {
  private final CountDownLatch done = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private MlflowClient mlflow;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
    mlflow =
        new MlflowClient(uri(), Duration.ofSeconds(1), Optional.empty(), MlflowCallListener.NOOP);
  }

  @AfterEach
  void stop() {
    done.countDown();
    mlflow.close();
    server.stop(0);
    threads.close();
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void answer(int status, String body) {
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(status, 0);
          exchange.getResponseBody().write(body.getBytes(UTF_8));
          exchange.close();
        });
  }

  private static void assertFails(ThrowingCallable call, Reason reason, String message) {
    assertThatExceptionOfType(MlflowException.class)
        .isThrownBy(call)
        .matches(e -> e.reason() == reason, "reason is " + reason)
        .withMessageContaining(message);
  }

  @Test
  void anUnknownRunIsNamedInMlflowsWords() {
    answer(
        404,
        "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"Run with id=x not found\"}");
    assertFails(
        () -> mlflow.run("x"),
        Reason.NOT_FOUND,
        uri() + "/api/2.0/mlflow/runs/get?run_id=x answered 404: Run with id=x not found");
  }

  @Test
  void aServerErrorIsUnreachable() {
    answer(503, "<html>\n  busy</html>");
    assertFails(() -> mlflow.run("x"), Reason.UNREACHABLE, "answered 503: <html> busy</html>");
  }

  @Test
  void aRefusalIsTold() {
    answer(403, "Invalid Host header");
    assertFails(() -> mlflow.run("x"), Reason.REFUSED, "answered 403: Invalid Host header");
  }

  @Test
  void anotherServerIsNotMistakenForMlflow() {
    answer(200, "<html>hello</html>");
    assertFails(
        () -> mlflow.run("x"), Reason.UNREACHABLE, "did not answer with JSON: is it MLflow?");
  }

  @Test
  void nobodyListening() {
    server.stop(0);
    assertFails(() -> mlflow.run("x"), Reason.UNREACHABLE, "connection refused");
  }

  @Test
  void anAnswerThatNeverEndsIsCutOff() {
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            done.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertFails(() -> mlflow.run("x"), Reason.UNREACHABLE, "no answer within 1 s");
  }

  /** Trees grow in the common pool, for minutes. */
  @Test
  void anAnswerIsHeardThoughEveryThreadOfTheCommonPoolIsAtWork() throws Exception {
    answer(200, "{\"experiment\":{\"experiment_id\":\"7\"}}");
    int workers = ForkJoinPool.getCommonPoolParallelism();
    CountDownLatch atWork = new CountDownLatch(workers);
    for (int worker = 0; worker < workers; worker++) {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                atWork.countDown();
                while (done.getCount() > 0) {
                  Thread.onSpinWait();
                }
              });
    }
    atWork.await();
    assertThat(mlflow.experimentId("x")).contains("7");
  }

  @Test
  void aFolderLargerThanAllowedIsNotRead() {
    server.createContext(
        "/api/2.0/mlflow-artifacts/artifacts",
        exchange -> {
          boolean list = exchange.getRequestURI().getQuery() != null;
          exchange.sendResponseHeaders(200, 0);
          exchange
              .getResponseBody()
              .write(
                  list
                      ? "{\"files\":[{\"path\":\"a\",\"is_dir\":false}]}".getBytes(UTF_8)
                      : new byte[100]);
          exchange.close();
        });
    assertFails(
        () -> mlflow.artifacts().download("mlflow-artifacts:/1/r/artifacts/m", 99),
        Reason.UNREACHABLE,
        "body exceeds capacity: 99");
  }

  @Test
  void artifactsThatMlflowDoesNotServeAreRefused() {
    for (String uri : List.of("s3://bucket/1/r/artifacts", "file:///mlruns/1", "/mlruns/1")) {
      Run run =
          new Run(
              "r",
              "1",
              RunStatus.FINISHED,
              false,
              uri,
              Optional.empty(),
              Map.of(),
              Map.of(),
              Map.of(),
              List.of());
      assertFails(
          () -> mlflow.artifacts().modelFolder(run, "iris-model"),
          Reason.REFUSED,
          "the artifact URI " + uri + "/iris-model is not served by MLflow at " + uri());
    }
  }
}
