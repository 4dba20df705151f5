package io.irisoperator.server.protocol.mlflow;

import io.irisoperator.contract.ModelHeaders;
import io.irisoperator.server.Application;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.health.Health;
import io.irisoperator.server.prediction.Predictions;
import io.irisoperator.server.prediction.Predictor;
import io.irisoperator.server.prediction.Rows;
import io.irisoperator.server.protocol.TabularInput;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/** The endpoints of MLflow's scoring server, {@code mlflow models serve}. */
@Controller
final class InvocationsController {
  private static final String CSV = "text/csv";

  private final Predictor predictor;
  private final Health health;
  private final ServerConfig config;

  InvocationsController(Predictor predictor, Health health, ServerConfig config) {
    this.predictor = predictor;
    this.health = health;
    this.config = config;
  }

  /**
   * The response.
   *
   * @param predictions the label of each row's predicted class, an integer or text
   */
  @Serdeable
  record Labels(List<Object> predictions) {}

  @Get("/ping")
  @Produces(MediaType.TEXT_PLAIN)
  HttpResponse<String> ping() {
    return HttpResponse.<String>status(
            health.ready() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body("\n");
  }

  @Get("/version")
  @Produces(MediaType.TEXT_PLAIN)
  String version() {
    return Application.VERSION;
  }

  @Post("/invocations")
  @Consumes({MediaType.APPLICATION_JSON, CSV})
  HttpResponse<Labels> invocations(
      @Nullable @Header("Content-Type") String contentType, @Body byte[] body) {
    Rows rows =
        contentType != null && contentType.startsWith(CSV)
            ? TabularInput.ofCsv(body)
            : TabularInput.ofMlflowJson(body);
    Predictions predictions = predictor.predict(rows);
    return HttpResponse.ok(new Labels(predictions.labelValues()))
        .header(ModelHeaders.RUN_ID, config.model().runId())
        .header(ModelHeaders.DIGEST, predictions.model().digest());
  }
}
