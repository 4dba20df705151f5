package io.irisoperator.e2e;

import static io.irisoperator.e2e.Waits.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** MLflow tells the operator that a data scientist has moved an alias. */
@ExtendWith(StackExtension.class)
class WebhookIT {
  private static final String NAME = "told";
  private static final String SECRET = "webhook-secret";

  private final Stack stack;

  WebhookIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void aMovedAliasIsServedThoughMlflowIsPolledOnceAnHour() throws Exception {
    ChampionVersions champions = ChampionVersions.train(stack.mlflow, NAME, "e2e_told", 2);
    champions.promote(0);
    Release release = Release.create(stack, NAME);
    try {
      release.kubectl("create", "secret", "generic", "webhook", "--from-literal=secret=" + SECRET);
      List<String> values = new ArrayList<>(Release.STACK_MLFLOW);
      values.add("operator.webhookSecret=webhook");
      values.add("operator.pollIntervalSeconds=3600");
      release.upgradeTo(Release.CHART, values);
      release.serve(NAME, "{model: {registered: {name: told, alias: champion}}}");
      stack.mlflow.client.registerWebhook(
          NAME, URI.create("http://iris-operator.told.svc:8080/webhooks/mlflow"), SECRET);
      // MLflow reads its webhooks once a minute.
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofSeconds(5))
          .until(
              () -> {
                champions.promote(1);
                return release.irisModels().status(NAME).model().runId().equals(champions.runId(1));
              });
      release.irisModels().awaitReady(NAME, champions.runId(1));
    } finally {
      deleteWebhook();
      release.uninstall();
    }
  }

  /** Otherwise MLflow would go on to send every event of other tests to it. */
  private void deleteWebhook() throws Exception {
    URI webhooks = MlflowServer.ADDRESS.resolve("/api/2.0/mlflow/webhooks");
    try (HttpClient http = HttpClient.newHttpClient()) {
      String listed =
          http.send(HttpRequest.newBuilder(webhooks).build(), BodyHandlers.ofString()).body();
      for (JsonNode webhook : new JsonMapper().readTree(listed).path("webhooks")) {
        if (webhook.path("name").asText().equals(NAME)) {
          URI found = URI.create(webhooks + "/" + webhook.path("webhook_id").asText());
          http.send(HttpRequest.newBuilder(found).DELETE().build(), BodyHandlers.discarding());
        }
      }
    }
  }
}
