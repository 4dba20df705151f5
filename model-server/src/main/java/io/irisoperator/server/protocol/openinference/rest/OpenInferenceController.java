package io.irisoperator.server.protocol.openinference.rest;

import io.irisoperator.contract.ModelHeaders;
import io.irisoperator.model.Iris;
import io.irisoperator.model.Schema;
import io.irisoperator.server.Application;
import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.health.Health;
import io.irisoperator.server.prediction.InvalidInputException;
import io.irisoperator.server.prediction.Predictions;
import io.irisoperator.server.prediction.Predictor;
import io.irisoperator.server.protocol.ModelNames;
import io.irisoperator.server.protocol.openinference.InferRequest;
import io.irisoperator.server.protocol.openinference.InferRequestReader;
import io.irisoperator.server.protocol.openinference.InferResponse;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Consumes;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Produces;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Map;

/**
 * The Open Inference Protocol (V2) over REST.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 */
@Controller("/v2")
final class OpenInferenceController {
  private static final String HEADER_LENGTH = "Inference-Header-Content-Length";
  private static final String JSON = MediaType.APPLICATION_JSON;

  private final Predictor predictor;
  private final Health health;
  private final ModelNames modelNames;
  private final ServerConfig.Model model;

  OpenInferenceController(
      Predictor predictor, Health health, ModelNames modelNames, ServerConfig config) {
    this.predictor = predictor;
    this.health = health;
    this.modelNames = modelNames;
    this.model = config.model();
  }

  @Serdeable
  record ServerMetadata(String name, String version, List<String> extensions) {}

  @Serdeable
  record ServerLive(boolean live) {}

  @Serdeable
  record ServerReady(boolean ready) {}

  @Serdeable
  record ModelReady(String name, boolean ready) {}

  /** The type and shape of a tensor; a dimension of -1 is variable. */
  @Serdeable
  record TensorMetadata(String name, String datatype, List<Integer> shape) {}

  @Serdeable
  record ModelMetadata(
      String name,
      List<String> versions,
      String platform,
      List<TensorMetadata> inputs,
      List<TensorMetadata> outputs,
      Map<String, String> parameters) {}

  @Get
  ServerMetadata server() {
    return new ServerMetadata(
        "iris-model-server", Application.VERSION, List.of("binary_tensor_data"));
  }

  @Get("/health/live")
  ServerLive live() {
    return new ServerLive(true);
  }

  @Get("/health/ready")
  HttpResponse<ServerReady> ready() {
    return withStatus(health.ready(), new ServerReady(health.ready()));
  }

  @Get(uris = {"/models/{name}/ready", "/models/{name}/versions/{version}/ready"})
  HttpResponse<ModelReady> modelReady(
      @PathVariable String name, @Nullable @PathVariable String version) {
    requireServed(name, version);
    return withStatus(health.ready(), new ModelReady(name, health.ready()));
  }

  private static <T> MutableHttpResponse<T> withStatus(boolean ready, T body) {
    return HttpResponse.<T>status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
        .body(body);
  }

  @Get(uris = {"/models/{name}", "/models/{name}/versions/{version}"})
  ModelMetadata model(@PathVariable String name, @Nullable @PathVariable String version) {
    requireServed(name, version);
    Schema schema = predictor.model().schema();
    return new ModelMetadata(
        name,
        List.of(model.version()),
        "onnx",
        List.of(new TensorMetadata("X", "FP32", List.of(-1, Iris.FEATURES.size()))),
        List.of(
            new TensorMetadata(InferResponse.LABEL, InferResponse.labelType(schema), List.of(-1)),
            new TensorMetadata(
                InferResponse.PROBABILITIES, "FP32", List.of(-1, schema.classCount()))),
        Map.of("class_names", String.join(",", schema.classNames())));
  }

  @Post(uris = {"/models/{name}/infer", "/models/{name}/versions/{version}/infer"})
  @Consumes(MediaType.ALL)
  @Produces({JSON, MediaType.APPLICATION_OCTET_STREAM})
  HttpResponse<byte[]> infer(
      @PathVariable String name,
      @Nullable @PathVariable String version,
      @Nullable @Header(HEADER_LENGTH) String headerLength,
      @Body byte[] body) {
    requireServed(name, version);
    InferRequest request = InferRequestReader.read(body, headerLength(headerLength, body.length));
    Predictions predictions = predictor.predict(request.rows());
    InferResponse inferResponse =
        InferResponse.of(request, predictions, name, model.version(), model.runId());
    MutableHttpResponse<byte[]> response =
        HttpResponse.ok(inferResponse.body())
            .header(ModelHeaders.RUN_ID, model.runId())
            .header(ModelHeaders.DIGEST, predictions.model().digest());
    return inferResponse.isBinary()
        ? response
            .contentType(MediaType.APPLICATION_OCTET_STREAM_TYPE)
            .header(HEADER_LENGTH, Integer.toString(inferResponse.headerLength()))
        : response.contentType(MediaType.APPLICATION_JSON_TYPE);
  }

  private static int headerLength(@Nullable String header, int length) {
    if (header == null) {
      return length;
    }
    try {
      int value = Integer.parseInt(header);
      if (value >= 0 && value <= length) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Handled below.
    }
    throw new InvalidInputException(
        "%s must be an integer from 0 to %d, the length of the body"
            .formatted(HEADER_LENGTH, length));
  }

  private void requireServed(String name, @Nullable String version) {
    if (version == null) {
      modelNames.requireServed(name);
    } else {
      modelNames.requireServed(name, version);
    }
  }
}
