package io.irisoperator.evaluation.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFileTest {
  private static final byte[] ROWS = "sepal_length,…\n".getBytes(UTF_8);
  private static final String DIGEST = DatasetReader.digest(ROWS);

  private HttpServer server;
  private String url;

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/rows.csv",
        exchange -> {
          exchange.sendResponseHeaders(200, ROWS.length);
          exchange.getResponseBody().write(ROWS);
          exchange.close();
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static Path fetch(String location, Optional<String> digest) throws Exception {
    return DataFile.fetch(location, digest, HttpClient.Builder.NO_PROXY);
  }

  @Test
  void downloadsAUrlWithTheExpectedDigest() throws Exception {
    Path file = fetch(url + "/rows.csv", Optional.of(DIGEST));
    assertThat(file).hasBinaryContent(ROWS).asString().endsWith(".csv");
  }

  @Test
  void rejectsAnotherDigestAndNamesBoth() {
    String other = "sha256:" + "0".repeat(64);
    assertThatThrownBy(() -> fetch(url + "/rows.csv", Optional.of(other)))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(url + "/rows.csv has the digest " + DIGEST + ", expected " + other);
  }

  @Test
  void rejectsAUrlWithoutADigest() {
    assertThatThrownBy(() -> fetch(url + "/rows.csv", Optional.empty()))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageContaining("needs a digest");
  }

  /** Not invalid data: it may exist when it is retried. */
  @Test
  void aMissingUrlIsRetryable() {
    assertThatThrownBy(() -> fetch(url + "/none.csv", Optional.of(DIGEST)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/none.csv answered 404");
  }

  @Test
  void verifiesAFileIfADigestIsGiven(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("rows.csv"), ROWS);
    assertThat(fetch(file.toString(), Optional.empty())).isEqualTo(file);
    assertThat(fetch(file.toString(), Optional.of(DIGEST))).isEqualTo(file);
  }
}
