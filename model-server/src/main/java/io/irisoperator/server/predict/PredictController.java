package io.irisoperator.server.predict;

import io.irisoperator.forest.ServableModel;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.error.Problem;
import io.irisoperator.server.metrics.ServerMetrics;
import io.irisoperator.server.model.LoadedModel;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Optional;

/** {@code POST /predict}. */
@Controller
final class PredictController {
  private static final String JSON = "application/json";

  private final LoadedModel loaded;
  private final ServerMetrics metrics;
  private final String runId;

  PredictController(LoadedModel loaded, ServerMetrics metrics, ServerConfig config) {
    this.loaded = loaded;
    this.metrics = metrics;
    this.runId = config.runId();
  }

  @Post("/predict")
  @Operation(summary = "Predict the species of one flower")
  @RequestBody(
      required = true,
      content = @Content(mediaType = JSON, schema = @Schema(implementation = Flower.class)))
  @ApiResponse(
      responseCode = "200",
      description = "The predicted class",
      content = @Content(mediaType = JSON, schema = @Schema(implementation = Prediction.class)))
  @ApiResponse(
      responseCode = "400",
      description = "The body is not a JSON object",
      content = @Content(mediaType = JSON, schema = @Schema(implementation = Problem.class)))
  @ApiResponse(
      responseCode = "422",
      description = "A field is wrong, missing or unknown",
      content = @Content(mediaType = JSON, schema = @Schema(implementation = Problem.class)))
  @ApiResponse(
      responseCode = "503",
      description = "No model is loaded yet",
      content = @Content(mediaType = JSON, schema = @Schema(implementation = Problem.class)))
  HttpResponse<?> predict(@Body byte[] body) {
    double[] row = FlowerParser.parse(body);
    Optional<ServableModel> model = loaded.model();
    if (model.isEmpty()) {
      HttpStatus status = HttpStatus.SERVICE_UNAVAILABLE;
      return HttpResponse.status(status)
          .header("Retry-After", "1")
          .body(new Problem(status.getCode(), status.getReason(), null, loaded.message()));
    }
    return predict(model.get(), row);
  }

  private HttpResponse<Prediction> predict(ServableModel model, double[] row) {
    float[] probabilities = new float[model.classNames().size()];
    int predicted = model.forest().predict(row, probabilities);
    String name = model.classNames().get(predicted);
    metrics.predicted(name, probabilities[predicted]);
    return HttpResponse.ok(new Prediction(name, probabilities[predicted]))
        .header("x-model-run-id", runId)
        .header("x-model-digest", model.digest());
  }
}
