package io.irisoperator.server.protocol.kserve;

import io.irisoperator.contract.ModelHeaders;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.health.Health;
import io.irisoperator.server.prediction.Predictions;
import io.irisoperator.server.prediction.Predictor;
import io.irisoperator.server.protocol.ModelNames;
import io.irisoperator.server.protocol.TabularInput;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/**
 * KServe's V1 protocol.
 *
 * @see <a
 *     href="https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol">V1
 *     protocol</a>
 */
@Controller("/v1/models")
final class KServeV1Controller {
  private final Predictor predictor;
  private final Health health;
  private final ModelNames modelNames;
  private final ServerConfig.Model model;

  KServeV1Controller(
      Predictor predictor, Health health, ModelNames modelNames, ServerConfig config) {
    this.predictor = predictor;
    this.health = health;
    this.modelNames = modelNames;
    this.model = config.model();
  }

  @Serdeable
  record Models(List<String> models) {}

  @Serdeable
  record ModelStatus(String name, boolean ready) {}

  /**
   * The response.
   *
   * @param predictions the label of each row's predicted class, an integer or text
   */
  @Serdeable
  record Labels(List<Object> predictions) {}

  @Get
  Models models() {
    return new Models(List.of(model.name()));
  }

  /** The pattern matches IrisModel names. It excludes the colon, which precedes a verb. */
  @Get("/{name:[\\w.-]+}")
  HttpResponse<ModelStatus> model(@PathVariable String name) {
    modelNames.requireServed(name);
    return HttpResponse.<ModelStatus>status(
            health.ready() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(new ModelStatus(name, health.ready()));
  }

  @Post("/{name}:predict")
  @Consumes(MediaType.ALL)
  HttpResponse<Labels> predict(@PathVariable String name, @Body byte[] body) {
    modelNames.requireServed(name);
    Predictions predictions = predictor.predict(TabularInput.ofInstances(body));
    return HttpResponse.ok(new Labels(predictions.labelValues()))
        .header(ModelHeaders.RUN_ID, model.runId())
        .header(ModelHeaders.DIGEST, predictions.model().digest());
  }
}
