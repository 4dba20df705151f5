package io.irisoperator.server.inference;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.health.Health;
import io.irisoperator.server.predict.Predictor;
import io.irisoperator.server.scoring.Table;
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
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.List;

/**
 * KServe's first protocol.
 *
 * @see <a
 *     href="https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol">its
 *     description</a>
 */
@Controller("/v1/models")
final class FirstProtocolController {
  private final Predictor predictor;
  private final Health health;
  private final ServerConfig config;

  FirstProtocolController(Predictor predictor, Health health, ServerConfig config) {
    this.predictor = predictor;
    this.health = health;
    this.config = config;
  }

  @Serdeable
  record Models(List<String> models) {}

  @Serdeable
  record ModelStatus(String name, boolean ready) {}

  /**
   * An answer.
   *
   * @param predictions the index of each flower's class
   */
  @Serdeable
  record Labels(List<Integer> predictions) {}

  @Get
  @Operation(summary = "The models that are served")
  Models models() {
    return new Models(List.of(config.modelName()));
  }

  @Get("/{name}")
  @Operation(summary = "Whether the model is ready")
  HttpResponse<ModelStatus> model(@PathVariable String name) {
    ServedModel.requireName(config, name);
    return HttpResponse.<ModelStatus>status(
            health.ready() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(new ModelStatus(name, health.ready()));
  }

  @Post("/{name}:predict")
  @Consumes(MediaType.ALL)
  @Operation(summary = "Predict the species of flowers, by KServe's first protocol")
  @RequestBody(
      required = true,
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(type = "object"),
              examples =
                  @ExampleObject(
                      name = "two flowers",
                      value = "{\"instances\":[[6.8,2.8,4.8,1.4],[6.0,3.4,4.5,1.6]]}")))
  @ApiResponse(responseCode = "200", description = "The index of each flower's class")
  @ApiResponse(responseCode = "400", description = "The request is wrong: the error says what")
  @ApiResponse(responseCode = "404", description = "There is no such model")
  @ApiResponse(responseCode = "503", description = "No model is loaded yet")
  Labels predict(@PathVariable String name, @Body byte[] body) {
    ServedModel.requireName(config, name);
    return new Labels(predictor.predict(Table.ofInstances(body)).labelList());
  }
}
