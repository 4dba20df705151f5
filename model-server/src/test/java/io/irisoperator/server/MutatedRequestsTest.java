package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.irisoperator.model.ModelArchive;
import io.irisoperator.testkit.StubMlflow;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fuzzing: requests with bytes changed, inserted, deleted, repeated and truncated. */
class MutatedRequestsTest {
  private static final int REQUESTS = Integer.getInteger("mutated.requests", 10_000);

  /** Many, because an incomplete request takes a second: the server's request timeout. */
  private static final int CLIENTS = 200;

  private static final int FIRST_RESPONSE_MILLIS = 10_000;
  private static final int NEXT_RESPONSE_MILLIS = 2_000;

  /** Makes the server close the connection after the mutated request. */
  private static final String CLOSE =
      "GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

  private static final Pattern SERVER_ERROR = Pattern.compile("HTTP/1\\.[01] 5\\d\\d ");
  private static final String FLOWER =
      "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,\"petal_width\":0.2}";
  private static final List<String> SEEDS =
      List.of(
          RawConnection.predict(FLOWER),
          RawConnection.predict("[" + FLOWER + "," + FLOWER + "]", "x-request-id: order-17"),
          post(
              "/v2/models/iris/infer",
              "application/json",
              "{\"id\":\"1\",\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2]}],\"outputs\":[{\"name\":\"label\"}]}"),
          post(
              "/v2/models/iris/infer",
              "application/octet-stream\r\nInference-Header-Content-Length: 107",
              "{\"inputs\":[{\"name\":\"X\",\"shape\":[1,4],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":16}}]}           "
                  + "0123456789abcdef"),
          post(
              "/v1/models/iris:predict", "application/json", "{\"instances\":[[5.1,3.5,1.4,0.2]]}"),
          post(
              "/invocations",
              "application/json",
              "{\"dataframe_split\":{\"columns\":[\"sepal_length\",\"sepal_width\",\"petal_length\",\"petal_width\"],\"data\":[[5.1,3.5,1.4,0.2]]}}"),
          post(
              "/invocations",
              "text/csv",
              "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n"),
          "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n4b\r\n"
              + FLOWER
              + "\r\n0\r\n\r\n",
          "GET /v2/models/iris/versions/1/ready HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text\r\n\r\n",
          "GET /docs/ HTTP/1.1\r\nHost: x\r\n\r\n");

  @TempDir private Path folder;

  private static String post(String path, String type, String body) {
    return "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(path, type, body.length(), body);
  }

  @Test
  void mutatedRequestsCauseNoServerErrorNoHangAndNoLeak() throws Exception {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    Files.write(copy.resolve("part-000"), ModelArchive.of(SmallModel.folder()).bytes());
    try (EmbeddedServer server =
        Application.start(
            ServerConfig.from(
                Map.of(
                    "IRIS_PORT",
                    "0",
                    "IRIS_TRACKING_URI",
                    "http://127.0.0.1:1",
                    "IRIS_RUN_ID",
                    StubMlflow.RUN_ID,
                    "IRIS_ARTIFACT_URI",
                    StubMlflow.artifactUri(StubMlflow.RUN_ID),
                    "IRIS_MODEL_COPY",
                    copy.toString(),
                    "IRIS_MAX_CONCURRENT_REQUESTS",
                    "1000",
                    "IRIS_REQUEST_TIMEOUT_SECONDS",
                    "1",
                    "LOG_REQUESTS",
                    "none",
                    "IRIS_MODEL_DIGEST",
                    SmallModel.folder().digest())))) {
      int port = server.getPort();
      await().until(() -> exchange(port, SEEDS.getFirst()).contains(" 200 "));
      for (String seed : SEEDS) {
        assertThat(exchange(port, seed)).as(seed).contains(" 200 ");
      }
      int threads = Thread.activeCount();
      long files = openFiles();
      RandomGenerator random = RandomGenerator.getDefault();
      List<String> requests =
          Stream.generate(() -> mutate(SEEDS.get(random.nextInt(SEEDS.size())), random))
              .limit(REQUESTS)
              .toList();
      int responses = 0;
      try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
        List<Future<String>> futures =
            requests.stream().map(r -> clients.submit(() -> exchange(port, r))).toList();
        for (int i = 0; i < REQUESTS; i++) {
          String response = futures.get(i).get();
          assertThat(SERVER_ERROR.matcher(response).find())
              .as("%s\n→ %s", requests.get(i), response)
              .isFalse();
          if (response.startsWith("HTTP/1.1 ")) {
            responses++;
          }
        }
      }
      // Other mutated requests are incomplete, so the server waits for the rest until its timeout.
      assertThat(responses).isGreaterThan(REQUESTS / 2);
      assertThat(exchange(port, SEEDS.getFirst())).contains(" 200 ");
      await()
          .untilAsserted(
              () -> {
                assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 4);
                assertThat(openFiles()).isLessThanOrEqualTo(files + 8);
              });
    }
  }

  private static String mutate(String request, RandomGenerator random) {
    StringBuilder mutated = new StringBuilder(request);
    for (int change = 1 + random.nextInt(4); change > 0 && !mutated.isEmpty(); change--) {
      int at = random.nextInt(mutated.length());
      int end = Math.min(mutated.length(), at + 1 + random.nextInt(12));
      char any = (char) random.nextInt(256);
      switch (random.nextInt(7)) {
        case 0 -> mutated.setCharAt(at, any);
        case 1 -> mutated.insert(at, any);
        case 2 -> mutated.delete(at, end);
        case 3 -> mutated.insert(at, mutated.substring(at, end).repeat(1 + random.nextInt(40)));
        case 4 -> mutated.setLength(at);
        case 5 -> mutated.insert(at, random.nextLong());
        default -> mutated.replace(at, end, "\"[{:,}]\r\n\0-.e".substring(random.nextInt(13)));
      }
    }
    return mutated.toString();
  }

  /**
   * All that the server sends until it closes the connection, or until it waits for the rest of an
   * incomplete request behind a complete one.
   */
  private static String exchange(int port, String request) throws IOException {
    StringBuilder response = new StringBuilder();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write((request + CLOSE).getBytes(ISO_8859_1));
      byte[] bytes = new byte[1 << 16];
      while (true) {
        socket.setSoTimeout(response.isEmpty() ? FIRST_RESPONSE_MILLIS : NEXT_RESPONSE_MILLIS);
        int read = socket.getInputStream().read(bytes);
        if (read < 0) {
          return response.toString();
        }
        response.append(new String(bytes, 0, read, ISO_8859_1));
      }
    } catch (SocketTimeoutException e) {
      if (response.isEmpty()) {
        throw new AssertionError("no response to: " + request, e);
      }
      return response.toString();
    } catch (SocketException e) {
      // The server closed the connection while the client was still sending.
      return response.toString();
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
