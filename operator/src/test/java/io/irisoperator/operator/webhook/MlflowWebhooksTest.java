package io.irisoperator.operator.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.irisoperator.operator.ManualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MlflowWebhooksTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final String SECRET = "shared";
  private static final String EVENT =
      """
      {"entity": "model_version_alias", "action": "created", "timestamp": "2026-01-01T12:00:00+00:00",
       "data": {"name": "iris", "alias": "champion", "version": "3"}}
      """;

  private final List<String> changed = new CopyOnWriteArrayList<>();
  private final List<String> outcomes = new CopyOnWriteArrayList<>();
  private final ManualClock clock = new ManualClock();
  private final AtomicBoolean leads = new AtomicBoolean(true);
  private final HttpClient http = HttpClient.newHttpClient();
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/", new MlflowWebhooks(SECRET, clock, leads::get, changed::add, outcomes::add));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    http.close();
  }

  private HttpResponse<String> send(String id, Instant time, String secret, String body)
      throws Exception {
    String timestamp = Long.toString(time.getEpochSecond());
    return send(id, timestamp, signature(secret, id + "." + timestamp + "." + body), body);
  }

  /** As MLflow's {@code webhooks/delivery.py} does. */
  private static String signature(String secret, String content) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(content.getBytes(UTF_8)));
  }

  private HttpResponse<String> send(String id, String timestamp, String signature, String body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"))
            .header("X-MLflow-Delivery-Id", id)
            .header("X-MLflow-Timestamp", timestamp)
            .header("X-MLflow-Signature", signature)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aSignedEventNamesTheRegisteredModel() throws Exception {
    assertThat(send("1", NOW, SECRET, EVENT).statusCode()).isEqualTo(200);
    assertThat(changed).containsExactly("iris");
    assertThat(outcomes).containsExactly("accepted");
  }

  @Test
  void aDeliveryIsAcceptedOnce() throws Exception {
    send("1", NOW, SECRET, EVENT);
    assertThat(send("1", NOW, SECRET, EVENT).statusCode()).isEqualTo(200);
    assertThat(changed).hasSize(1);
    assertThat(outcomes).containsExactly("accepted", "repeated");
  }

  @Test
  void refusesWhatIsNotSignedWithTheSecret() throws Exception {
    HttpResponse<String> answer = send("1", NOW, "guessed", EVENT);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("X-MLflow-Signature does not match");
    assertThat(send("1", "0", "", EVENT).statusCode()).isEqualTo(401);
    assertThat(changed).isEmpty();
    assertThat(outcomes).containsOnly("unauthorized");
  }

  @Test
  void refusesAChangedBody() throws Exception {
    String timestamp = Long.toString(NOW.getEpochSecond());
    String signature = signature(SECRET, "1." + timestamp + "." + EVENT);
    assertThat(send("1", timestamp, signature, EVENT.replace("iris", "other")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void refusesOldAndFutureTimeStamps() throws Exception {
    for (Duration off : List.of(Duration.ofMinutes(6), Duration.ofMinutes(-6))) {
      HttpResponse<String> answer = send("1", NOW.plus(off), SECRET, EVENT);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).contains("compare the clocks");
    }
    assertThat(send("1", NOW.minusSeconds(60), SECRET, EVENT).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesWhatIsNoJsonOrTooLarge() throws Exception {
    assertThat(send("1", NOW, SECRET, "no").statusCode()).isEqualTo(400);
    assertThat(send("2", NOW, SECRET, "x".repeat(70_000)).statusCode()).isEqualTo(413);
    assertThat(send("3", NOW, SECRET, "{\"entity\": \"budget_policy\"}").statusCode())
        .isEqualTo(200);
    assertThat(changed).isEmpty();
  }

  @Test
  void limitsTheRate() throws Exception {
    for (int n = 0; n < 50; n++) {
      assertThat(send("" + n, NOW, SECRET, EVENT).statusCode()).isEqualTo(200);
    }
    HttpResponse<String> answer = send("50", NOW, SECRET, EVENT);
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    clock.pass(Duration.ofSeconds(1));
    assertThat(send("50", NOW, SECRET, EVENT).statusCode()).isEqualTo(200);
    assertThat(outcomes).endsWith("limited", "accepted");
  }

  @Test
  void whoDoesNotKnowTheSecretDoesNotUseUpTheRate() throws Exception {
    for (int n = 0; n < 60; n++) {
      send("" + n, NOW, "guessed", EVENT);
    }
    assertThat(send("61", NOW, SECRET, EVENT).statusCode()).isEqualTo(200);
  }

  @Test
  void anOperatorThatDoesNotLeadIsTriedAgain() throws Exception {
    leads.set(false);
    assertThat(send("1", NOW, SECRET, EVENT).statusCode()).isEqualTo(503);
    leads.set(true);
    assertThat(send("1", NOW, SECRET, EVENT).statusCode()).isEqualTo(200);
    assertThat(changed).containsExactly("iris");
  }

  @Test
  void answersOnlyPosts() throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(405);
  }
}
