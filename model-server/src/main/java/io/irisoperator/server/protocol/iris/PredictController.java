package io.irisoperator.server.protocol.iris;

import io.irisoperator.contract.ModelHeaders;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.prediction.Predictions;
import io.irisoperator.server.prediction.Predictor;
import io.irisoperator.server.prediction.Rows;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import java.util.stream.IntStream;

/** {@code POST /predict}: one flower, or a list of flowers. */
@Controller
final class PredictController {
  private final Predictor predictor;
  private final String runId;

  PredictController(Predictor predictor, ServerConfig config) {
    this.predictor = predictor;
    this.runId = config.model().runId();
  }

  @Post("/predict")
  HttpResponse<?> predict(@Body byte[] body) {
    if (FlowerParser.isList(body)) {
      Rows rows = FlowerParser.parseList(body);
      Predictions predictions = predictor.predict(rows);
      return response(
          predictions,
          IntStream.range(0, rows.count()).mapToObj(row -> prediction(predictions, row)).toList());
    }
    Predictions predictions = predictor.predict(new Rows(FlowerParser.parse(body), 1));
    return response(predictions, prediction(predictions, 0));
  }

  private static Prediction prediction(Predictions predictions, int row) {
    return new Prediction(predictions.className(row), predictions.confidence(row));
  }

  private HttpResponse<?> response(Predictions predictions, Object body) {
    return HttpResponse.ok(body)
        .header(ModelHeaders.RUN_ID, runId)
        .header(ModelHeaders.DIGEST, predictions.model().digest());
  }
}
