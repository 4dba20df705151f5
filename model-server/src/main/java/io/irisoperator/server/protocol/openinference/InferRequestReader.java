package io.irisoperator.server.protocol.openinference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.irisoperator.model.Iris;
import io.irisoperator.server.http.RefusedException;
import io.irisoperator.server.prediction.Rows;
import io.irisoperator.server.protocol.openinference.InferRequest.Output;
import io.irisoperator.server.protocol.openinference.Tensor.Datatype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads the body of {@code …/infer}, without a tree of objects in between.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 * @see <a
 *     href="https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html">its
 *     extension for binary data</a>
 */
public final class InferRequestReader {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();
  private static final int FEATURES = Iris.FEATURES.size();

  /** Deeper than any shape that is taken. */
  private static final int MAX_DEPTH = 8;

  private final JsonParser json;
  private final ByteBuffer binary;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private Optional<String> id = Optional.empty();
  private Parameters parameters = Parameters.NONE;

  /** Those that mean something here; others are let be, as the protocol wants it. */
  private record Parameters(
      Optional<Boolean> binaryData, Optional<Integer> binarySize, boolean binaryOutput) {
    static final Parameters NONE = new Parameters(Optional.empty(), Optional.empty(), false);
  }

  private InferRequestReader(JsonParser json, ByteBuffer binary) {
    this.json = json;
    this.binary = binary;
  }

  /**
   * Reads a request.
   *
   * @param headerLength how many of the body's bytes are JSON; binary data follows
   * @throws RefusedException saying what is wrong
   */
  public static InferRequest read(byte[] body, int headerLength) {
    ByteBuffer binary = ByteBuffer.wrap(body, headerLength, body.length - headerLength);
    try (JsonParser parser = JSON.createParser(body, 0, headerLength)) {
      return new InferRequestReader(parser, binary).request();
    } catch (IOException e) {
      throw RefusedException.notJson(e);
    }
  }

  private InferRequest request() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw RefusedException.badRequest("the body must be a JSON object with 'inputs'");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "id" -> id = Optional.of(text("id"));
        case "parameters" -> parameters = parameters();
        case "inputs" -> each("inputs", value, () -> inputs.add(tensor()));
        case "outputs" -> each("outputs", value, () -> outputs.add(output()));
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw RefusedException.badRequest("something follows the JSON object");
    }
    if (binary.hasRemaining()) {
      throw RefusedException.badRequest(
          "%d bytes follow that no input's binary_data_size is of".formatted(binary.remaining()));
    }
    return new InferRequest(id, rows(), outputs, parameters.binaryOutput());
  }

  private interface Reading {
    void one() throws IOException;
  }

  private void each(String name, JsonToken start, Reading reading) throws IOException {
    if (start != JsonToken.START_ARRAY) {
      throw RefusedException.badRequest("'" + name + "' must be a list");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        throw RefusedException.badRequest("'" + name + "' must be a list of objects");
      }
      reading.one();
    }
  }

  private String text(String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw RefusedException.badRequest("'" + name + "' must be a text");
    }
    return json.getText();
  }

  private Parameters parameters() throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw RefusedException.badRequest("'parameters' must be an object");
    }
    Parameters read = Parameters.NONE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      boolean yes = value == JsonToken.VALUE_TRUE;
      if (name.equals("binary_data_size") && value == JsonToken.VALUE_NUMBER_INT) {
        read = new Parameters(read.binaryData, Optional.of(json.getIntValue()), read.binaryOutput);
      } else if (name.equals("binary_data") && value.isBoolean()) {
        read = new Parameters(Optional.of(yes), read.binarySize, read.binaryOutput);
      } else if (name.equals("binary_data_output") && value.isBoolean()) {
        read = new Parameters(read.binaryData, read.binarySize, yes);
      } else {
        json.skipChildren();
      }
    }
    return read;
  }

  /** One that there is, and that was not asked for before: each is the whole result once more. */
  private Output output() throws IOException {
    Optional<String> called = Optional.empty();
    Parameters of = Parameters.NONE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "name" -> called = Optional.of(text("name"));
        case "parameters" -> of = parameters();
        default -> json.skipChildren();
      }
    }
    String name = called.orElseThrow(() -> RefusedException.badRequest("an output has no 'name'"));
    if (!InferResponse.OUTPUTS.contains(name)) {
      throw RefusedException.badRequest(
          "there is no output '%s', there are %s"
              .formatted(name, String.join(" and ", InferResponse.OUTPUTS)));
    }
    if (outputs.stream().anyMatch(before -> before.name().equals(name))) {
      throw RefusedException.badRequest("output '%s' is asked for twice".formatted(name));
    }
    return new Output(name, of.binaryData());
  }

  private Tensor tensor() throws IOException {
    String called = "";
    Optional<String> datatype = Optional.empty();
    Optional<List<Long>> shape = Optional.empty();
    Optional<double[]> data = Optional.empty();
    Parameters of = Parameters.NONE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "name" -> called = text("name");
        case "datatype" -> datatype = Optional.of(text("datatype"));
        case "shape" -> shape = Optional.of(shape());
        case "parameters" -> of = parameters();
        case "data" -> data = Optional.of(data());
        default -> json.skipChildren();
      }
    }
    if (called.isEmpty() || datatype.isEmpty() || shape.isEmpty()) {
      throw RefusedException.badRequest("an input needs 'name', 'datatype' and 'shape'");
    }
    String tensor = called;
    Optional<double[]> given = data;
    Datatype type = Datatype.of(tensor, datatype.get());
    if (data.isPresent() == of.binarySize().isPresent()) {
      throw RefusedException.badRequest(
          "input '%s' needs either 'data' or the parameter 'binary_data_size'".formatted(tensor));
    }
    double[] values =
        of.binarySize()
            .map(size -> type.read(tensor, binary(tensor, size)))
            .orElseGet(given::orElseThrow);
    requireShape(tensor, shape.get(), values.length);
    return new Tensor(tensor, shape.get(), values);
  }

  private ByteBuffer binary(String tensor, int size) {
    if (size < 0 || size > binary.remaining()) {
      throw RefusedException.badRequest(
          "input '%s' should have %d bytes of binary data, there are %d"
              .formatted(tensor, size, binary.remaining()));
    }
    ByteBuffer of = binary.slice(binary.position(), size);
    binary.position(binary.position() + size);
    return of;
  }

  private static void requireShape(String tensor, List<Long> shape, int values) {
    long expected = 1;
    for (long dimension : shape) {
      // Saturated: the product of two such fits.
      expected = Math.min(expected * Math.min(dimension, Integer.MAX_VALUE), Integer.MAX_VALUE);
    }
    if (expected != values) {
      throw RefusedException.badRequest(
          "input '%s' has %d values, its shape is %s".formatted(tensor, values, shape));
    }
  }

  private List<Long> shape() throws IOException {
    List<Long> shape = new ArrayList<>();
    if (json.currentToken() == JsonToken.START_ARRAY) {
      while (json.nextToken() == JsonToken.VALUE_NUMBER_INT
          && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
          && json.getLongValue() >= 0) {
        shape.add(json.getLongValue());
      }
    }
    if (json.currentToken() != JsonToken.END_ARRAY || shape.isEmpty() || shape.size() > MAX_DEPTH) {
      throw RefusedException.badRequest("'shape' must be a list of whole numbers from 0 on");
    }
    return shape;
  }

  /** Flat or nested; the shape tells which is which. */
  private double[] data() throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw RefusedException.badRequest("'data' must be a list of numbers, flat or nested");
    }
    double[] values = new double[Iris.FEATURES.size()];
    int count = 0;
    int depth = 1;
    while (depth > 0) {
      switch (json.nextToken()) {
        case START_ARRAY -> {
          depth++;
          if (depth > MAX_DEPTH) {
            throw RefusedException.badRequest("'data' is nested too deeply");
          }
        }
        case END_ARRAY -> depth--;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
          if (count == Rows.MAX * FEATURES) {
            throw RefusedException.badRequest(
                "more than %d rows in one request".formatted(Rows.MAX));
          }
          if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
          }
          values[count++] = json.getDoubleValue();
        }
        case null, default ->
            throw RefusedException.badRequest("'data' must be a list of numbers, flat or nested");
      }
    }
    return Arrays.copyOf(values, count);
  }

  private Rows rows() {
    if (inputs.size() == 1) {
      Tensor all = inputs.getFirst();
      if (all.shape().size() == 2 && all.shape().get(1) == FEATURES) {
        return new Rows(all.values(), all.values().length / FEATURES);
      }
    } else if (inputs.size() == FEATURES && inputs.stream().allMatch(Tensor::isColumn)) {
      return columns();
    }
    throw RefusedException.badRequest(
        "'inputs' must be one tensor of shape [n, %d], or the columns %s of shape [n] or [n, 1]"
            .formatted(FEATURES, String.join(", ", Iris.FEATURES)));
  }

  private Rows columns() {
    int count = inputs.getFirst().values().length;
    double[] values = new double[count * FEATURES];
    List<String> missing = new ArrayList<>(Iris.FEATURES);
    for (Tensor column : inputs) {
      int feature = Iris.FEATURES.indexOf(column.name());
      if (!missing.remove(column.name())) {
        throw RefusedException.badRequest(
            "input '%s' is there twice or unknown: the columns are %s"
                .formatted(column.name(), String.join(", ", Iris.FEATURES)));
      }
      if (column.values().length != count) {
        throw RefusedException.badRequest(
            "input '%s' has %d values, input '%s' has %d"
                .formatted(column.name(), column.values().length, inputs.getFirst().name(), count));
      }
      for (int row = 0; row < count; row++) {
        values[row * FEATURES + feature] = column.values()[row];
      }
    }
    return new Rows(values, count);
  }
}
