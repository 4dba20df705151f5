package io.irisoperator.mlflow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.mlflow.MlflowException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that hangs in the middle of an answer: the headers are sent, the body never ends. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MlflowDeadlineTest {
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private static final int HANGING = 5;

  private final CountDownLatch hanging = new CountDownLatch(HANGING);
  private final CountDownLatch closed = new CountDownLatch(HANGING);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private ServerSocket server;
  private MlflowClient mlflow;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
    mlflow = client(DEADLINE);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    threads.shutdownNow();
    mlflow.close();
  }

  private MlflowClient client(Duration deadline) {
    return new MlflowClient(
        Connection.to(URI.create("http://127.0.0.1:" + server.getLocalPort())),
        deadline,
        HttpClient.Builder.NO_PROXY,
        MlflowCallListener.NOOP);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        threads.execute(() -> answer(socket));
      }
    } catch (IOException e) {
      // Closed at the end of the test.
    }
  }

  /** Hangs for the run {@code hangs}, and for whatever is written. */
  private void answer(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      for (String request = request(in); !request.isEmpty(); request = request(in)) {
        if (request.contains("run_id=healthy")) {
          String body = "{\"run\":{\"info\":{\"run_id\":\"healthy\",\"status\":\"FINISHED\"}}}";
          send(socket, body.length(), body);
        } else {
          send(socket, 1000, "{");
          hanging.countDown();
          while (in.read() >= 0) {
            // The rest of a request's body.
          }
          closed.countDown();
        }
      }
    } catch (IOException e) {
      closed.countDown();
    }
  }

  private static String request(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static void send(Socket socket, int length, String body) throws IOException {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    socket.getOutputStream().write((head + length + "\r\n\r\n" + body).getBytes(UTF_8));
    socket.getOutputStream().flush();
  }

  private interface Call {
    void make() throws MlflowException;
  }

  private List<Call> hangingCalls() {
    return List.of(
        () -> mlflow.run("hangs"),
        () -> mlflow.experimentId("hangs"),
        () -> mlflow.searchRuns("1", "", 1),
        () -> mlflow.log("hangs", Map.of(), Map.of(), Map.of("a", "b"), Instant.EPOCH),
        () -> mlflow.artifacts().modelFolder(hangingRun(), "iris-model"));
  }

  private static Run hangingRun() {
    return new Run(
        "hangs",
        "1",
        RunStatus.FINISHED,
        false,
        "mlflow-artifacts:/1/hangs/artifacts",
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(),
        List.of());
  }

  @Test
  void aHangingCallEndsByItsDeadlineAndDelaysNoOther() throws Exception {
    try (MlflowClient patient = client(Duration.ofSeconds(30))) {
      patient.run("healthy"); // loads classes, which takes seconds on a busy machine
    }
    List<Future<Duration>> calls = new ArrayList<>();
    for (Call call : hangingCalls()) {
      calls.add(threads.submit(() -> durationOfFailure(call)));
    }
    hanging.await();

    long start = System.nanoTime();
    assertThat(mlflow.run("healthy").runId()).isEqualTo("healthy");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(DEADLINE.dividedBy(2));

    for (Future<Duration> call : calls) {
      assertThat(call.get()).isBetween(DEADLINE, DEADLINE.plusSeconds(2));
    }
    assertThat(closed.await(2, TimeUnit.SECONDS))
        .as("the connections are closed, so no thread waits for them")
        .isTrue();
    assertThat(mlflow.run("healthy").runId()).isEqualTo("healthy");
  }

  private static Duration durationOfFailure(Call call) {
    long start = System.nanoTime();
    try {
      call.make();
    } catch (MlflowException e) {
      assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE);
      assertThat(e).hasMessageContaining("no answer within 5 s");
      return Duration.ofNanos(System.nanoTime() - start);
    }
    throw new AssertionError("the call must fail");
  }
}
