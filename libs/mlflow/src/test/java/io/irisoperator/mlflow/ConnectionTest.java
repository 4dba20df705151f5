package io.irisoperator.mlflow;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.irisoperator.config.Environment;
import io.irisoperator.mlflow.MlflowException.Reason;
import io.irisoperator.testkit.SelfSignedKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a server is reached: prefixes, redirects, proxies, credentials and certificates. */
class ConnectionTest {
  private static final Credentials ANN = new Credentials.User("ann", "s3cret");

  private final List<HttpServer> servers = new ArrayList<>();

  /** Each request: method, URL as it was sent, Authorization, body. */
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  /** Answers every request; what begins with {@code /moved} is redirected to an address. */
  private URI serve(HttpServer server, String movedTo) {
    server.createContext("/", exchange -> answer(exchange, movedTo));
    server.start();
    servers.add(server);
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  private URI serve(String movedTo) throws IOException {
    return serve(HttpServer.create(anyPort(), 0), movedTo);
  }

  private static HttpsServer https(SelfSignedKey key) throws Exception {
    HttpsServer https = HttpsServer.create(anyPort(), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(key.serverContext()));
    return https;
  }

  private static SelfSignedKey newKey(String name) throws Exception {
    return SelfSignedKey.create(name, "ip:127.0.0.1");
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private void answer(HttpExchange exchange, String movedTo) throws IOException {
    String path = exchange.getRequestURI().toString();
    requests.add(
        "%s %s %s %s"
            .formatted(
                exchange.getRequestMethod(),
                path,
                exchange.getRequestHeaders().getFirst("Authorization"),
                new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
    boolean moved = path.startsWith("/moved");
    if (moved) {
      exchange.getResponseHeaders().add("Location", movedTo + path.substring("/moved".length()));
    }
    exchange.sendResponseHeaders(moved ? 302 : 200, 0);
    exchange.getResponseBody().write("{\"experiment\":{\"experiment_id\":\"7\"}}".getBytes(UTF_8));
    exchange.close();
  }

  private static MlflowClient client(Connection connection, ProxySelector proxies) {
    return new MlflowClient(connection, Duration.ofSeconds(20), proxies, MlflowCallListener.NOOP);
  }

  /** Asks for the experiment x. */
  private static Optional<String> experimentId(Connection connection) throws MlflowException {
    try (MlflowClient mlflow = client(connection, HttpClient.Builder.NO_PROXY)) {
      return mlflow.experimentId("x");
    }
  }

  private static Connection as(Credentials credentials, URI uri) {
    return new Connection(uri, Optional.of(credentials), Optional.empty());
  }

  private static final String GET =
      "GET %s/api/2.0/mlflow/experiments/get-by-name?experiment_name=x %s ";

  @Test
  void anAddressMayHaveAPrefix() throws Exception {
    experimentId(Connection.to(URI.create(serve("") + "/tools/mlflow/")));
    assertThat(requests).containsExactly(GET.formatted("/tools/mlflow", null));
  }

  @Test
  void tokensAreSentAsBearer() throws Exception {
    experimentId(as(new Credentials.Token("t0ken"), serve("")));
    assertThat(requests).containsExactly(GET.formatted("", "Bearer t0ken"));
    assertThat(new Credentials.Token("t0ken").toString()).doesNotContain("t0ken");
    for (String token : List.of("“t0ken”", "two t0kens", "two\nt0kens")) {
      assertThatThrownBy(() -> Credentials.of(Map.of("token", token)))
          .hasMessage("the token must be one word of ASCII characters");
    }
  }

  @Test
  void aRedirectedRequestKeepsItsMethodItsBodyAndItsCredentials() throws Exception {
    URI uri = serve("/new");
    try (MlflowClient mlflow =
        client(as(ANN, URI.create(uri + "/moved")), HttpClient.Builder.NO_PROXY)) {
      mlflow.setAlias(new ModelVersion("iris", "3", "", "", true), "champion");
    }
    assertThat(requests)
        .last()
        .asString()
        .startsWith(
            "POST /new/api/2.0/mlflow/registered-models/alias " + ANN.header() + " {\"name\":");
  }

  @Test
  void anotherHostThatARequestIsRedirectedToGetsNoCredentials() throws Exception {
    String elsewhere = serve("").toString().replace("127.0.0.1", "localhost");
    experimentId(as(ANN, URI.create(serve(elsewhere) + "/moved")));
    assertThat(requests)
        .containsExactly(GET.formatted("/moved", ANN.header()), GET.formatted("", null));
  }

  /** On another port of a host there may be anything. */
  @Test
  void anotherPortThatARequestIsRedirectedToGetsNoCredentials() throws Exception {
    String elsewhere = serve("").toString();
    experimentId(as(ANN, URI.create(serve(elsewhere) + "/moved")));
    assertThat(requests)
        .containsExactly(GET.formatted("/moved", ANN.header()), GET.formatted("", null));
  }

  @Test
  void redirectsThatNeverEndAreAnError() throws Exception {
    URI uri = serve("/moved");
    assertThatThrownBy(() -> experimentId(Connection.to(URI.create(uri + "/moved"))))
        .hasMessageContaining("answered 302");
    assertThat(requests).hasSize(6);
  }

  @Test
  void aRequestGoesThroughAProxy() throws Exception {
    URI proxy = serve("");
    try (MlflowClient mlflow =
        client(
            Connection.to(URI.create("http://mlflow.invalid:5000")),
            ProxySelector.of(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.getPort())))) {
      mlflow.experimentId("x");
    }
    assertThat(requests).containsExactly(GET.formatted("http://mlflow.invalid:5000", null));
  }

  /** With TLS from end to end: the proxy sees the host, but no credentials. */
  @Test
  void aRequestToAnHttpsServerGoesThroughATunnel() throws Exception {
    SelfSignedKey key = newKey("server");
    URI uri = serve(https(key), "");
    Connection connection =
        new Connection(
            uri, Optional.of(ANN), Optional.of(CaBundle.of(List.of(key.certificatePem()))));
    List<String> seen = new CopyOnWriteArrayList<>();
    try (ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.execute(() -> tunnel(proxy, uri, seen, threads));
      try (MlflowClient mlflow =
          client(connection, ProxySelector.of((InetSocketAddress) proxy.getLocalSocketAddress()))) {
        assertThat(mlflow.experimentId("x")).contains("7");
      }
      threads.shutdownNow();
    }
    assertThat(seen).containsExactly("CONNECT 127.0.0.1:%d HTTP/1.1".formatted(uri.getPort()));
    assertThat(requests).containsExactly(GET.formatted("", ANN.header()));
  }

  /** Connects one client with a server, whatever address it asks for. */
  private static void tunnel(
      ServerSocket proxy, URI server, List<String> seen, ExecutorService threads) {
    try (Socket client = proxy.accept();
        Socket target = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) client.getInputStream().read());
      }
      seen.add(head.substring(0, head.indexOf("\r\n")));
      client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
      threads.execute(() -> copy(target, client));
      copy(client, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them was closed at the end of the test.
    }
  }

  @Test
  void aPrivateAuthorityIsTrustedIfItIsNamed() throws Exception {
    SelfSignedKey key = newKey("server");
    URI uri = serve(https(key), "");
    CaBundle own =
        CaBundle.of(
            List.of("# our own\n" + key.certificatePem() + newKey("other").certificatePem()));
    assertThat(experimentId(new Connection(uri, Optional.empty(), Optional.of(own)))).contains("7");
    CaBundle other = CaBundle.of(List.of(newKey("other").certificatePem()));
    for (Optional<CaBundle> bundle : List.of(Optional.<CaBundle>empty(), Optional.of(other))) {
      assertThatExceptionOfType(MlflowException.class)
          .isThrownBy(() -> experimentId(new Connection(uri, Optional.empty(), bundle)))
          .matches(e -> e.reason() == Reason.UNTRUSTED)
          .withMessageContaining("its certificate is not trusted");
    }
    URI moved = URI.create(serve(uri.toString()) + "/moved");
    assertThat(experimentId(new Connection(moved, Optional.empty(), Optional.of(own))))
        .contains("7");
  }

  @Test
  void aHostThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> experimentId(Connection.to(URI.create("http://mlflow.invalid:5000"))))
        .hasMessageEndingWith("unknown host");
  }

  @Test
  void aRedirectFromHttpsToHttpIsAnError() throws Exception {
    SelfSignedKey key = newKey("server");
    URI uri = serve(https(key), serve("").toString());
    CaBundle own = CaBundle.of(List.of(key.certificatePem()));
    assertThatThrownBy(
            () ->
                experimentId(
                    new Connection(URI.create(uri + "/moved"), Optional.of(ANN), Optional.of(own))))
        .hasMessageContaining("answered 302: redirected to http://");
    assertThat(requests).hasSize(1);
  }

  @Test
  void textWithoutACertificateIsRefused() {
    for (String pem :
        List.of(
            "",
            "-----BEGIN CERTIFICATE-----\nabc",
            "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----")) {
      assertThatThrownBy(() -> CaBundle.of(List.of(pem))).isInstanceOf(CertificateException.class);
    }
  }

  @Test
  void aMountedSecretIsReadForEachConnection() throws Exception {
    URI uri = URI.create("http://mlflow:5000");
    MlflowAccess access =
        MlflowAccess.from(
            new Environment(
                Map.of(
                    "MLFLOW_CREDENTIALS_FOLDER",
                    folder.toString(),
                    "MLFLOW_TRACKING_TOKEN",
                    "unused")));
    assertThat(access.to(uri)).isEqualTo(Connection.to(uri));
    Files.writeString(folder.resolve("token"), "t0ken\n");
    assertThat(access.to(uri)).isEqualTo(as(new Credentials.Token("t0ken"), uri));
    Files.writeString(folder.resolve("username"), "ann");
    Files.writeString(folder.resolve("password"), "s3cret\n");
    assertThat(access.to(uri)).isEqualTo(as(ANN, uri));
  }
}
