package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A user runs the quickstart on an existing cluster, as {@code e2e/start-stack} does. */
class QuickstartIT {

  @Test
  void showsAPredictionTheResourceAndTheAddresses() throws Exception {
    assertThat(Files.readString(Path.of("target/quickstart.log")))
        .contains("POST http://iris.mlops/predict {\"sepal_length\":5.1")
        .contains("{\"prediction\":\"setosa\",\"confidence\":0.99999")
        .containsPattern("READY +RUN +ACCURACY +REPLICAS +URL +AGE")
        .containsPattern("iris +True +[0-9a-f]{32} +0.987 +2 +http://iris.mlops.svc")
        .containsPattern("ModelResolved +True +run ")
        .containsPattern("Normal +TrainingSucceeded +run [0-9a-f]{32}, test accuracy 0.987")
        .containsPattern("Normal +Serving +2 pods serve run ")
        // Prometheus counted the quickstart's one prediction.
        .contains("{\"predicted_class\":\"setosa\"},\"value\":[")
        .containsPattern("\"value\":\\[[0-9.]+,\"1\"\\]")
        .contains("API and Swagger   http://127.0.0.1:18080/docs")
        .contains("./quickstart down --context iris");
  }

  @Test
  void thePrintedAddressesWork() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (URI uri : List.of(Stack.API.resolve("/docs"), MlflowServer.ADDRESS.resolve("/"))) {
        Waits.awaitHttpOk(uri);
        String page =
            http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(page).contains("<html");
      }
    }
  }
}
