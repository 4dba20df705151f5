package io.irisoperator.mlflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A failure names the URL and the cause. The tests in e2e use a real server. */
class MlflowFailureTest {
  private static final String NO_RESOURCE =
      "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\",\"message\":\"Run with id=x not found\"}";

  private final CountDownLatch done = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private MlflowClient mlflow;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
    mlflow = client(Optional.empty());
  }

  @AfterEach
  void stop() {
    done.countDown();
    mlflow.close();
    server.stop(0);
    threads.close();
  }

  private MlflowClient client(Optional<Credentials> credentials) {
    return client(credentials, MlflowCallListener.NOOP);
  }

  private MlflowClient client(Optional<Credentials> credentials, MlflowCallListener listener) {
    return new MlflowClient(
        new Connection(uri(), credentials, Optional.empty()),
        Duration.ofSeconds(20),
        HttpClient.Builder.NO_PROXY,
        listener);
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
  void reportsAnUnknownRunInMlflowsWords() {
    answer(404, NO_RESOURCE);
    assertFails(
        () -> mlflow.run("x"),
        Reason.NOT_FOUND,
        uri() + "/api/2.0/mlflow/runs/get?run_id=x answered 404: Run with id=x not found");
  }

  @Test
  void aNotFoundOfAnotherProgramDoesNotMeanThatTheRunDoesNotExist() {
    answer(404, "<html>no such page</html>");
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(() -> mlflow.run("x"), () -> mlflow.experimentId("x"))) {
      assertFails(
          call, Reason.NO_ENDPOINT, "answered 404: <html>no such page</html> (is it MLflow?)");
    }
  }

  /** The other program may be gone while its connection stays open. */
  @Test
  void anAnswerOfAnotherProgramClosesTheConnection() {
    Set<Integer> ports = new ConcurrentSkipListSet<>();
    String[] body = {"<html>no such page</html>"};
    server.createContext(
        "/",
        exchange -> {
          ports.add(exchange.getRemoteAddress().getPort());
          byte[] bytes = body[0].getBytes(UTF_8);
          exchange.sendResponseHeaders(404, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    assertThatThrownBy(() -> mlflow.run("x")).isInstanceOf(MlflowException.class);
    assertThat(ports).hasSize(1);
    body[0] = NO_RESOURCE;
    assertThatThrownBy(() -> mlflow.run("x")).isInstanceOf(MlflowException.class);
    assertThatThrownBy(() -> mlflow.run("x")).isInstanceOf(MlflowException.class);
    assertThat(ports).hasSize(2);
  }

  @Test
  void tooManyRequestsIsUnreachable() {
    answer(429, "slow down");
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> mlflow.run("x"), () -> mlflow.artifacts().download("mlflow-artifacts:/1/m", 1))) {
      assertFails(call, Reason.UNREACHABLE, "answered 429");
    }
  }

  @Test
  void theListenerIsNotifiedOfEveryCall() throws MlflowException {
    List<String> calls = new CopyOnWriteArrayList<>();
    answer(404, NO_RESOURCE);
    try (MlflowClient observed =
        client(Optional.empty(), (operation, outcome, _) -> calls.add(operation + " " + outcome))) {
      assertThat(observed.experimentId("x")).isEmpty();
      assertThatThrownBy(() -> observed.run("x")).isInstanceOf(MlflowException.class);
      assertThatThrownBy(() -> observed.artifacts().download("mlflow-artifacts:/1/m", 1))
          .isInstanceOf(MlflowException.class);
    }
    assertThat(calls)
        .containsExactly(
            "experiments/get-by-name not_found",
            "runs/get not_found",
            "mlflow-artifacts not_found");
  }

  @Test
  void credentialsAreSentAndStaySecret() throws MlflowException {
    List<String> headers = new CopyOnWriteArrayList<>();
    server.createContext(
        "/",
        exchange -> {
          headers.add(exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.sendResponseHeaders(401, -1);
          exchange.close();
        });
    try (MlflowClient authenticated = client(Optional.of(new Credentials.User("ann", "s3cret")))) {
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> authenticated.run("x"),
              () -> authenticated.artifacts().download("mlflow-artifacts:/1/m", 1))) {
        assertFails(call, Reason.UNAUTHORIZED, "answered 401");
        assertThatThrownBy(call)
            .hasMessageNotContaining("s3cret")
            .hasMessageNotContaining("YW5uOnMzY3JldA==");
      }
    }
    assertThat(headers).containsOnly("Basic YW5uOnMzY3JldA==");
  }

  @Test
  void aServerErrorIsUnreachable() {
    answer(503, "<html>\n  busy</html>");
    assertFails(() -> mlflow.run("x"), Reason.UNREACHABLE, "answered 503: <html> busy</html>");
  }

  @Test
  void reportsARejection() {
    answer(403, "Invalid Host header");
    assertFails(() -> mlflow.run("x"), Reason.REJECTED, "answered 403: Invalid Host header");
  }

  @Test
  void detectsAServerThatIsNotMlflow() {
    answer(200, "<html>hello</html>");
    assertFails(
        () -> mlflow.run("x"), Reason.UNREACHABLE, "did not answer with JSON: is it MLflow?");
  }

  @Test
  void reportsARefusedConnection() {
    server.stop(0);
    assertFails(() -> mlflow.run("x"), Reason.UNREACHABLE, "connection refused");
  }

  /** The trainer builds trees in the common pool, for minutes. */
  @Test
  void needsNoThreadOfTheCommonPool() throws Exception {
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
  void doesNotDownloadAFolderAboveTheLimit() {
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
}
