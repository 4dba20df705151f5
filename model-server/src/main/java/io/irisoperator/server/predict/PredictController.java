package io.irisoperator.server.predict;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.error.Problem;
import io.irisoperator.server.predict.Predictor.Predictions;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.stream.IntStream;

/** {@code POST /predict}. */
@Controller
final class PredictController {
  private static final String JSON = "application/json";

  private final Predictor predictor;
  private final String runId;

  PredictController(Predictor predictor, ServerConfig config) {
    this.predictor = predictor;
    this.runId = config.runId();
  }

  @Post("/predict")
  @Operation(
      summary = "Predict the species of a flower, or of several",
      description = "A list of flowers gets a list of predictions, in the same order.")
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
    if (FlowerParser.isList(body)) {
      Rows rows = FlowerParser.parseList(body);
      Predictions predictions = predictor.predict(rows);
      return answer(
          predictions,
          IntStream.range(0, rows.count()).mapToObj(row -> prediction(predictions, row)).toList());
    }
    Predictions predictions = predictor.predict(new Rows(FlowerParser.parse(body), 1));
    return answer(predictions, prediction(predictions, 0));
  }

  private static Prediction prediction(Predictions predictions, int row) {
    return new Prediction(predictions.className(row), predictions.confidence(row));
  }

  private HttpResponse<?> answer(Predictions predictions, Object body) {
    return HttpResponse.ok(body)
        .header("x-model-run-id", runId)
        .header("x-model-digest", predictions.model().digest());
  }
}
