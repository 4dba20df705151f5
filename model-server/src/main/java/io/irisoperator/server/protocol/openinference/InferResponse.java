package io.irisoperator.server.protocol.openinference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.irisoperator.model.ClassLabels;
import io.irisoperator.model.Schema;
import io.irisoperator.server.prediction.Predictions;
import io.irisoperator.server.protocol.openinference.InferRequest.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An inference response.
 *
 * @param body JSON, followed by binary data
 * @param headerLength the number of bytes that are JSON
 */
@SuppressWarnings("ArrayRecordComponent") // The content of a response, never compared.
public record InferResponse(byte[] body, int headerLength) {
  /** The names of the outputs, whatever they are in the model's file. */
  public static final String LABEL = "label";

  public static final String PROBABILITIES = "probabilities";

  public static final List<String> OUTPUTS = List.of(LABEL, PROBABILITIES);

  private static final List<Output> ALL =
      OUTPUTS.stream().map(name -> new Output(name, Optional.empty())).toList();

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  /** Whether binary data follows the JSON. */
  public boolean isBinary() {
    return headerLength < body.length;
  }

  /** The data type of the output with the labels. */
  public static String labelType(Schema schema) {
    return switch (schema.labels()) {
      case ClassLabels.Int64 _ -> "INT64";
      case ClassLabels.Text _ -> "BYTES";
    };
  }

  /** Serializes the requested outputs. */
  public static InferResponse of(
      InferRequest request,
      Predictions predictions,
      String modelName,
      String modelVersion,
      String runId) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    ByteArrayOutputStream binary = new ByteArrayOutputStream(0);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("model_name", modelName);
      json.writeStringField("model_version", modelVersion);
      if (request.id().isPresent()) {
        json.writeStringField("id", request.id().get());
      }
      json.writeObjectFieldStart("parameters");
      json.writeStringField("run_id", runId);
      json.writeStringField("digest", predictions.model().digest());
      json.writeEndObject();
      json.writeArrayFieldStart("outputs");
      for (Output output : request.outputs().isEmpty() ? ALL : request.outputs()) {
        boolean asBinary = output.binary().orElse(request.binary());
        if (output.name().equals(LABEL)) {
          labels(json, predictions, asBinary, binary);
        } else {
          probabilities(json, predictions, asBinary, binary);
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory", e);
    }
    int headerLength = out.size();
    out.writeBytes(binary.toByteArray());
    return new InferResponse(out.toByteArray(), headerLength);
  }

  private static void labels(
      JsonGenerator json, Predictions predictions, boolean asBinary, ByteArrayOutputStream binary)
      throws IOException {
    int rows = predictions.labels().length;
    start(json, LABEL, labelType(predictions.model().schema()), rows);
    switch (predictions.model().schema().labels()) {
      case ClassLabels.Int64(List<Long> values) -> {
        long[] labels = Arrays.stream(predictions.labels()).mapToLong(values::get).toArray();
        if (asBinary) {
          byte[] bytes = new byte[rows * Long.BYTES];
          ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(labels);
          append(json, bytes, binary);
        } else {
          json.writeFieldName("data");
          json.writeArray(labels, 0, rows);
        }
      }
      case ClassLabels.Text(List<String> values) -> {
        String[] labels =
            Arrays.stream(predictions.labels()).mapToObj(values::get).toArray(String[]::new);
        if (asBinary) {
          append(json, bytes(labels), binary);
        } else {
          json.writeFieldName("data");
          json.writeArray(labels, 0, rows);
        }
      }
    }
    json.writeEndObject();
  }

  /** Each element with its length before it, in four bytes. */
  private static byte[] bytes(String[] elements) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String element : elements) {
      byte[] bytes = element.getBytes(StandardCharsets.UTF_8);
      out.writeBytes(
          ByteBuffer.allocate(Integer.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(bytes.length)
              .array());
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  private static void probabilities(
      JsonGenerator json, Predictions predictions, boolean asBinary, ByteArrayOutputStream binary)
      throws IOException {
    float[] probabilities = predictions.probabilities();
    int classes = predictions.model().schema().classCount();
    start(json, PROBABILITIES, "FP32", predictions.labels().length, classes);
    if (asBinary) {
      byte[] bytes = new byte[probabilities.length * Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(probabilities);
      append(json, bytes, binary);
    } else {
      json.writeArrayFieldStart("data");
      for (float probability : probabilities) {
        json.writeNumber(probability);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void start(JsonGenerator json, String name, String datatype, int... shape)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("datatype", datatype);
    json.writeFieldName("shape");
    json.writeArray(shape, 0, shape.length);
  }

  private static void append(JsonGenerator json, byte[] bytes, ByteArrayOutputStream binary)
      throws IOException {
    json.writeObjectFieldStart("parameters");
    json.writeNumberField("binary_data_size", bytes.length);
    json.writeEndObject();
    binary.writeBytes(bytes);
  }
}
