package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.testkit.StubMlflow;
import io.micronaut.runtime.server.EmbeddedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Authentication, TLS, and protection against misbehaving clients. */
class AccessTest {
  private static final String FLOWER =
      "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,\"petal_width\":0.2}";
  private static final String TOKEN = "a-token-that-is-hard-to-guess";

  @TempDir private Path folder;
  private HttpClient http;
  private EmbeddedServer server;
  private URI base;

  @BeforeEach
  void createClient() {
    http = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  private void start(Map<String, String> extraEnv) throws Exception {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    Files.write(copy.resolve("part-000"), ModelArchive.of(SmallModel.folder()).bytes());
    Map<String, String> env = new HashMap<>(extraEnv);
    env.put("IRIS_PORT", "0");
    env.put("IRIS_TRACKING_URI", "http://127.0.0.1:1");
    env.put("IRIS_RUN_ID", StubMlflow.RUN_ID);
    env.put("IRIS_ARTIFACT_URI", StubMlflow.artifactUri(StubMlflow.RUN_ID));
    env.put("IRIS_MODEL_COPY", copy.toString());
    env.put("IRIS_MODEL_DIGEST", SmallModel.folder().digest());
    server = Application.start(ServerConfig.from(env));
    base = server.getURI();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(
        request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path));
  }

  private HttpRequest.Builder predict() {
    return request("/predict")
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(FLOWER));
  }

  private int predictWith(String authorization) throws Exception {
    return send(predict().header("Authorization", authorization)).statusCode();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Path tokens(String... tokens) throws Exception {
    Path files = Files.createDirectories(folder.resolve("tokens"));
    for (String token : tokens) {
      Files.writeString(files.resolve("client-" + token.hashCode()), "sha256:" + sha256(token));
    }
    return files;
  }

  @Test
  void requiresAnAllowedTokenAndReloadsTokens() throws Exception {
    Path files = tokens(TOKEN, "another");
    Files.writeString(files.resolve("broken"), "no hash");
    // Binary, as openssl dgst -binary writes it.
    Files.write(files.resolve("raw"), new byte[] {(byte) 0xff, (byte) 0xc3, 0x28});
    start(Map.of("IRIS_TOKENS", files.toString()));
    await().untilAsserted(() -> assertThat(predictWith("Bearer " + TOKEN)).isEqualTo(200));
    assertThat(predictWith("bearer another")).isEqualTo(200);
    for (String wrong :
        List.of(
            "Bearer wrong",
            "Bearer",
            "Bearer ",
            "Basic " + TOKEN,
            TOKEN,
            "Bearer no hash",
            "Bearer sha256:" + sha256(TOKEN))) {
      assertThat(predictWith(wrong)).as(wrong).isEqualTo(401);
    }
    for (String path : List.of("/", "/health", "/metrics", "/v2", "/v2/models/iris", "/nowhere")) {
      HttpResponse<String> response = send(request(path));
      assertThat(response.statusCode()).as(path).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate"))
          .contains("Bearer realm=\"iris\"");
      assertThat(response.headers().firstValue("x-request-id")).isPresent();
      assertThat(response.body()).contains("Authorization: Bearer");
    }
    for (String path : List.of("/docs", "/redoc", "/openapi.json")) {
      assertThat(send(request(path)).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(send(request("/openapi.json")).body()).contains("\"security\": [{\"token\": []}]");
    tokens("third");
    Files.delete(files.resolve("client-" + "another".hashCode()));
    await().untilAsserted(() -> assertThat(predictWith("Bearer third")).isEqualTo(200));
    assertThat(predictWith("Bearer another")).isEqualTo(401);
    assertThat(predictWith("Bearer " + TOKEN)).isEqualTo(200);
  }

  @Test
  void managementPortServesOnlyProbesAndMetrics() throws Exception {
    int management = freePort();
    start(
        Map.of(
            "IRIS_TOKENS", tokens(TOKEN).toString(),
            "IRIS_MANAGEMENT_PORT", Integer.toString(management)));
    base = URI.create("http://127.0.0.1:" + management);
    await()
        .untilAsserted(
            () -> assertThat(send(request("/health/ready")).statusCode()).isEqualTo(200));
    for (String path : List.of("/health", "/health/live", "/metrics", "/v2/health/ready")) {
      assertThat(send(request(path)).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(send(predict()).statusCode()).isEqualTo(404);
    assertThat(predictWith("Bearer " + TOKEN)).isEqualTo(404);
    assertThat(send(request("/v2/models/iris")).statusCode()).isEqualTo(404);
  }

  @Test
  void neverLogsATokenAtAnyLevel() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    List<ILoggingEvent> events = new ArrayList<>();
    appender.list = Collections.synchronizedList(events);
    appender.start();
    root.addAppender(appender);
    root.setLevel(Level.TRACE);
    try {
      start(Map.of("IRIS_TOKENS", tokens(TOKEN).toString(), "LOG_REQUESTS", "all"));
      await().untilAsserted(() -> assertThat(predictWith("Bearer " + TOKEN)).isEqualTo(200));
      assertThat(predictWith("Bearer wrong-" + TOKEN)).isEqualTo(401);
    } finally {
      root.setLevel(before);
      root.detachAppender(appender);
    }
    List<ILoggingEvent> logged = List.copyOf(events);
    assertThat(logged)
        .hasSizeGreaterThan(100)
        .anyMatch(e -> e.getFormattedMessage().contains("answered 401"));
    assertThat(logged)
        .filteredOn(
            e -> e.getLoggerName().startsWith("io.") || e.getLoggerName().equals("requests"))
        .noneMatch(e -> (e.getFormattedMessage() + e.getMDCPropertyMap()).contains(TOKEN));
  }

  @Test
  void renewsTheCertificateUnderLoadWithoutAFailedRequest() throws Exception {
    Path files = Files.createDirectories(folder.resolve("tls"));
    Certificate first = Certificates.renew(files, "first");
    start(Map.of("IRIS_TLS", files.toString()));
    assertThat(base.getScheme()).isEqualTo("https");
    Certificate[] all = {first, Certificates.renew(files, "second")};
    http.close();
    http = HttpClient.newBuilder().sslContext(Certificates.trusting(all)).build();
    await().untilAsserted(() -> assertThat(send(predict()).statusCode()).isEqualTo(200));
    await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              // A new client each time, so that each connection has a new TLS handshake.
              try (HttpClient fresh =
                  HttpClient.newBuilder().sslContext(Certificates.trusting(all)).build()) {
                HttpResponse<String> response =
                    fresh.send(predict().build(), HttpResponse.BodyHandlers.ofString());
                assertThat(response.statusCode()).isEqualTo(200);
                return response
                    .sslSession()
                    .map(AccessTest::peer)
                    .orElseThrow()
                    .contains("CN=second");
              }
            });
    assertThat(send(predict()).statusCode())
        .as("on the connection with the old certificate")
        .isEqualTo(200);
    try (RawConnection plain = new RawConnection(server.getPort())) {
      plain.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(plain.rest()).doesNotContain("HTTP/1.1 200");
    }
  }

  private static String peer(SSLSession session) {
    try {
      return session.getPeerPrincipal().getName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void closesConnectionsOfClientsThatSendTooSlowly() throws Exception {
    start(Map.of("IRIS_REQUEST_TIMEOUT_SECONDS", "1"));
    for (String incomplete :
        List.of(
            "P", "POST /predict HTTP/1.1\r\nHo", RawConnection.predict(FLOWER).substring(0, 140))) {
      try (RawConnection connection = new RawConnection(server.getPort())) {
        connection.send(incomplete);
        assertThat(connection.rest()).as(incomplete).isEmpty();
      }
    }
    // A connection without an unfinished request may stay idle.
    try (RawConnection connection = new RawConnection(server.getPort())) {
      connection.exchange(RawConnection.predict(FLOWER));
      Thread.sleep(1500);
      assertThat(connection.exchange(RawConnection.predict(FLOWER))).contains(" 200 ");
    }
  }

  @Test
  void rejectsRequestsAboveTheConcurrencyLimit() throws Exception {
    start(Map.of("IRIS_MAX_CONCURRENT_REQUESTS", "1"));
    await()
        .untilAsserted(
            () -> assertThat(send(request("/health/ready")).statusCode()).isEqualTo(200));
    try (RawConnection connection = new RawConnection(server.getPort())) {
      // Too long for the fast path.
      String request = RawConnection.predict("[" + FLOWER + " ".repeat(1000) + "]");
      connection.send(request.substring(0, request.length() - 1));
      await()
          .untilAsserted(
              () -> {
                HttpResponse<String> response = send(request("/v2"));
                assertThat(response.statusCode()).isEqualTo(503);
                assertThat(response.headers().firstValue("Retry-After")).contains("1");
              });
      assertThat(send(request("/health/live")).statusCode()).isEqualTo(200);
      connection.send("]");
      assertThat(connection.response()).contains(" 200 ");
    }
    await().untilAsserted(() -> assertThat(send(request("/v2")).statusCode()).isEqualTo(200));
    // A client that disconnects does not count forever.
    try (RawConnection connection = new RawConnection(server.getPort())) {
      connection.send(RawConnection.predict("[" + " ".repeat(1000) + "]").substring(0, 500));
      await().untilAsserted(() -> assertThat(send(request("/v2")).statusCode()).isEqualTo(503));
    }
    await().untilAsserted(() -> assertThat(send(request("/v2")).statusCode()).isEqualTo(200));
  }

  /** Two servers in a row could parse such requests differently: request smuggling. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}....",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n{}...",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /predict HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\n{}...",
        "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n X-Folded: a\r\nB\r\n\r\n",
        "nonsense\r\n\r\n"
      })
  void rejectsAmbiguousRequestsAndClosesTheConnection(String request) throws Exception {
    start(Map.of());
    try (RawConnection connection = new RawConnection(server.getPort())) {
      connection.send(request + "GET /version HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(connection.rest()).startsWith("HTTP/1.").contains(" 400 ").doesNotContain(" 200 ");
    }
  }

  /** Other servers may see the end of such a body elsewhere. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip",
        "xchunked",
        "chunked;a=b",
        "identity",
        "chunked\r\nTransfer-Encoding: gzip"
      })
  void closesTheConnectionOnAnyTransferEncodingButChunked(String encoding) throws Exception {
    start(Map.of());
    try (RawConnection connection = new RawConnection(server.getPort())) {
      connection.send(RawConnection.predict(FLOWER, "Transfer-Encoding: " + encoding));
      assertThat(connection.rest()).doesNotContain(" 200 ");
    }
  }

  @Test
  void sendsEarlierResponsesBeforeClosingOnAMalformedRequest() throws Exception {
    start(Map.of());
    await().untilAsserted(() -> assertThat(send(predict()).statusCode()).isEqualTo(200));
    try (RawConnection connection = new RawConnection(server.getPort())) {
      connection.send(
          RawConnection.predict(FLOWER)
              + "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
      assertThat(connection.rest()).contains(" 200 ").contains("\"prediction\"");
    }
  }

  /** A small body would become a large one before the token is checked. */
  @Test
  void doesNotDecompressBodies() throws Exception {
    start(Map.of());
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
      out.write(FLOWER.getBytes(UTF_8));
    }
    HttpResponse<String> response =
        send(
            request("/predict")
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(zipped.toByteArray())));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("the body is not JSON");
  }

  /** Their responses must not accumulate in memory. */
  @Test
  void stopsReadingFromClientsThatDoNotReadResponses() throws Exception {
    start(Map.of());
    await().untilAsserted(() -> assertThat(send(predict()).statusCode()).isEqualTo(200));
    byte[] requests = RawConnection.predict(FLOWER).repeat(1000).getBytes(UTF_8);
    long limit = 256L << 20;
    try (SocketChannel client =
        SocketChannel.open(new InetSocketAddress(base.getHost(), base.getPort()))) {
      client.configureBlocking(false);
      ByteBuffer unsent = ByteBuffer.wrap(requests);
      long sent = 0;
      long lastWrite = System.nanoTime();
      while (System.nanoTime() - lastWrite < Duration.ofSeconds(2).toNanos()) {
        int written = client.write(unsent);
        if (written > 0) {
          sent += written;
          lastWrite = System.nanoTime();
          assertThat(sent).as("bytes accepted from a client that does not read").isLessThan(limit);
        }
        if (!unsent.hasRemaining()) {
          unsent.rewind();
        }
      }
    }
    assertThat(send(predict()).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/predict", "/v2/models/iris/infer", "/invocations", "/none"})
  void doesNotTakeMalformedChunksForACompleteBody(String path) throws Exception {
    start(Map.of());
    for (String chunks : List.of("zz\r\n", "5d\r\n" + FLOWER + "\r\n0\r\n\r\n")) {
      try (RawConnection connection = new RawConnection(server.getPort())) {
        connection.send(
            "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n%s%s"
                .formatted(path, chunks, " ".repeat(100)));
        assertThat(connection.rest()).doesNotContain(" 200 ");
      }
    }
  }

  @Test
  void pagesHaveSecurityHeadersAndResponsesDoNotRevealTheSoftware() throws Exception {
    start(Map.of());
    for (String path :
        List.of("/docs", "/redoc", "/docs/res/swagger-ui-bundle.js", "/docs/", "/%64ocs/")) {
      HttpResponse<String> response = send(request(path));
      assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'self'");
      assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(response.headers().firstValue("X-Frame-Options")).contains("DENY");
    }
    for (String path : List.of("/", "/docs", "/nowhere")) {
      assertThat(send(request(path)).headers().map()).doesNotContainKeys("server", "x-powered-by");
    }
  }
}
