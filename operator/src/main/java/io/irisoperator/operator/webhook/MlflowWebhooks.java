package io.irisoperator.operator.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.irisoperator.operator.webhook.WebhookVerifier.Verdict;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoint that MLflow sends its webhooks to. An event of a registered model wakes the
 * IrisModels that select it; what they serve is still asked of MLflow, so that a webhook can cause
 * a question and nothing else.
 */
public final class MlflowWebhooks implements HttpHandler {
  /** Where MLflow sends them. */
  public static final String PATH = "/webhooks/mlflow";

  private static final Logger LOG = LoggerFactory.getLogger(MlflowWebhooks.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BYTES = 64 << 10;

  /** Far more than people move aliases; MLflow tries again later. */
  private static final int MAX_PER_SECOND = 50;

  private static final int TOO_MANY_REQUESTS = 429;

  private final WebhookVerifier verifier;
  private final BooleanSupplier leads;
  private final Consumer<String> registeredModelChanged;
  private final Consumer<String> outcomes;

  /**
   * An endpoint.
   *
   * @param secret that MLflow signs with
   * @param leads whether this operator asks MLflow; MLflow sends to others again
   * @param registeredModelChanged is called with the name of a registered model
   * @param outcomes is called with the outcome of each request, for a metric
   */
  public MlflowWebhooks(
      String secret,
      Clock clock,
      BooleanSupplier leads,
      Consumer<String> registeredModelChanged,
      Consumer<String> outcomes) {
    this.verifier = new WebhookVerifier(secret, new RateLimit(MAX_PER_SECOND, clock), clock);
    this.leads = leads;
    this.registeredModelChanged = registeredModelChanged;
    this.outcomes = outcomes;
  }

  private record Answer(int status, String outcome, String message) {}

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answer(exchange);
      outcomes.accept(answer.outcome());
      byte[] body =
          JSON.writeValueAsBytes(JSON.createObjectNode().put("message", answer.message()));
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (answer.status() == TOO_MANY_REQUESTS
          || answer.status() == HttpURLConnection.HTTP_UNAVAILABLE) {
        exchange.getResponseHeaders().set("Retry-After", "1");
        // The next connection may reach another operator.
        exchange.getResponseHeaders().set("Connection", "close");
      }
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      return new Answer(HttpURLConnection.HTTP_BAD_METHOD, "invalid", "send a POST");
    }
    if (!leads.getAsBoolean()) {
      return new Answer(
          HttpURLConnection.HTTP_UNAVAILABLE, "standby", "another operator leads; try again");
    }
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BYTES + 1);
    if (body.length > MAX_BYTES) {
      return new Answer(
          HttpURLConnection.HTTP_ENTITY_TOO_LARGE,
          "invalid",
          "a webhook has at most " + MAX_BYTES + " bytes");
    }
    return switch (verdict(exchange, body)) {
      case ACCEPTED -> accept(body);
      case LIMITED ->
          new Answer(TOO_MANY_REQUESTS, "limited", "too many webhooks; try again in a second");
      case WRONG_SIGNATURE ->
          new Answer(
              HttpURLConnection.HTTP_UNAUTHORIZED,
              "unauthorized",
              "X-MLflow-Signature does not match: the webhook's secret must be the operator's");
      case TOO_OLD ->
          new Answer(
              HttpURLConnection.HTTP_UNAUTHORIZED,
              "unauthorized",
              "X-MLflow-Timestamp is more than %d minutes off: compare the clocks"
                  .formatted(WebhookVerifier.MAX_AGE.toMinutes()));
      // MLflow has not received the answer to the first one.
      case REPEATED ->
          new Answer(HttpURLConnection.HTTP_OK, "repeated", "this delivery was accepted before");
    };
  }

  private Verdict verdict(HttpExchange exchange, byte[] body) {
    return verifier.verify(
        header(exchange, "X-MLflow-Delivery-Id"),
        header(exchange, "X-MLflow-Timestamp"),
        header(exchange, "X-MLflow-Signature"),
        body);
  }

  private static String header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
  }

  private Answer accept(byte[] body) throws IOException {
    JsonNode event;
    try {
      event = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return new Answer(
          HttpURLConnection.HTTP_BAD_REQUEST, "invalid", "no JSON: " + e.getOriginalMessage());
    }
    // Events of registered models, their versions and aliases have the model's name.
    String name = event.at("/data/name").asText("");
    LOG.info("MLflow tells: {}.{} {}", text(event, "entity"), text(event, "action"), name);
    if (!name.isEmpty()) {
      registeredModelChanged.accept(name);
    }
    return new Answer(HttpURLConnection.HTTP_OK, "accepted", "accepted");
  }

  private static String text(JsonNode event, String field) {
    return event.path(field).asText();
  }
}
