package io.irisoperator.server.protocol.openinference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.irisoperator.model.Iris;
import io.irisoperator.server.prediction.InvalidInputException;
import io.irisoperator.server.prediction.Rows;
import io.irisoperator.server.protocol.MalformedJson;
import io.irisoperator.server.protocol.openinference.InferRequest.Output;
import io.irisoperator.server.protocol.openinference.Tensor.Datatype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads an inference request from JSON and binary data, without building a tree of objects. A field
 * that is null counts as absent.
 *
 * @see <a href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</a>
 * @see <a
 *     href="https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_binary_data.html">Binary
 *     data extension</a>
 */
public final class InferRequestReader {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();
  private static final int FEATURES = Iris.FEATURES.size();

  /** The max nesting of data, and the max number of dimensions. */
  private static final int MAX_DEPTH = 8;

  private final JsonParser json;
  private final ByteBuffer binary;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private Optional<String> id = Optional.empty();
  private Parameters parameters = Parameters.NONE;

  /** The supported parameters. The protocol requires that others are ignored. */
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
   * @param headerLength the number of bytes that are JSON; binary data follows
   * @throws InvalidInputException if the request is invalid
   */
  public static InferRequest read(byte[] body, int headerLength) {
    ByteBuffer binary = ByteBuffer.wrap(body, headerLength, body.length - headerLength);
    try (JsonParser parser = JSON.createParser(body, 0, headerLength)) {
      return new InferRequestReader(parser, binary).request();
    } catch (IOException e) {
      throw MalformedJson.of(e);
    }
  }

  private InferRequest request() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new InvalidInputException("the body must be a JSON object with 'inputs'");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (value == JsonToken.VALUE_NULL) {
        continue;
      }
      switch (name) {
        case "id" -> id = Optional.of(text("id"));
        case "parameters" -> parameters = parameters();
        case "inputs" -> readList("inputs", value, () -> inputs.add(tensor()));
        case "outputs" -> readList("outputs", value, () -> outputs.add(output()));
        default -> json.skipChildren();
      }
    }
    if (json.nextToken() != null) {
      throw new InvalidInputException("the JSON object must not be followed by other data");
    }
    if (binary.hasRemaining()) {
      throw new InvalidInputException(
          "%d bytes of binary data belong to no input; check each binary_data_size"
              .formatted(binary.remaining()));
    }
    return new InferRequest(id, rows(), outputs, parameters.binaryOutput());
  }

  private interface ElementReader {
    void read() throws IOException;
  }

  private void readList(String name, JsonToken start, ElementReader reader) throws IOException {
    if (start != JsonToken.START_ARRAY) {
      throw new InvalidInputException("'" + name + "' must be a list");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        throw new InvalidInputException("'" + name + "' must be a list of objects");
      }
      reader.read();
    }
  }

  private String text(String name) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new InvalidInputException("'" + name + "' must be a string");
    }
    return json.getText();
  }

  private Parameters parameters() throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidInputException("'parameters' must be an object");
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

  /** Reads an output. Each may be requested once, because each repeats the whole result. */
  private Output output() throws IOException {
    Optional<String> givenName = Optional.empty();
    Parameters given = Parameters.NONE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      switch (name) {
        case "name" -> givenName = Optional.of(text("name"));
        case "parameters" -> given = parameters();
        default -> json.skipChildren();
      }
    }
    String name =
        givenName.orElseThrow(() -> new InvalidInputException("an output needs a 'name'"));
    if (!InferResponse.OUTPUTS.contains(name)) {
      throw new InvalidInputException(
          "output '%s' does not exist; the outputs are %s"
              .formatted(name, String.join(" and ", InferResponse.OUTPUTS)));
    }
    if (outputs.stream().anyMatch(output -> output.name().equals(name))) {
      throw new InvalidInputException("output '%s' is requested twice".formatted(name));
    }
    return new Output(name, given.binaryData());
  }

  private Tensor tensor() throws IOException {
    String name = "";
    Optional<String> datatype = Optional.empty();
    Optional<List<Long>> shape = Optional.empty();
    Optional<double[]> data = Optional.empty();
    Parameters given = Parameters.NONE;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      if (json.nextToken() == JsonToken.VALUE_NULL) {
        continue;
      }
      switch (field) {
        case "name" -> name = text("name");
        case "datatype" -> datatype = Optional.of(text("datatype"));
        case "shape" -> shape = Optional.of(shape());
        case "parameters" -> given = parameters();
        case "data" -> data = Optional.of(data());
        default -> json.skipChildren();
      }
    }
    if (name.isEmpty() || datatype.isEmpty() || shape.isEmpty()) {
      throw new InvalidInputException("an input needs 'name', 'datatype' and 'shape'");
    }
    String tensor = name;
    Optional<double[]> jsonData = data;
    Datatype type = Datatype.of(tensor, datatype.get());
    if (data.isPresent() == given.binarySize().isPresent()) {
      throw new InvalidInputException(
          "input '%s' needs either 'data' or the parameter 'binary_data_size'".formatted(tensor));
    }
    double[] values =
        given
            .binarySize()
            .map(size -> type.read(tensor, binary(tensor, size)))
            .orElseGet(jsonData::orElseThrow);
    requireShape(tensor, shape.get(), values.length);
    return new Tensor(tensor, shape.get(), values);
  }

  private ByteBuffer binary(String tensor, int size) {
    if (size < 0 || size > binary.remaining()) {
      throw new InvalidInputException(
          "input '%s' has a binary_data_size of %d, but %d bytes remain"
              .formatted(tensor, size, binary.remaining()));
    }
    ByteBuffer data = binary.slice(binary.position(), size);
    binary.position(binary.position() + size);
    return data;
  }

  private static void requireShape(String tensor, List<Long> shape, int values) {
    long expected = 1;
    for (long dimension : shape) {
      // Capped, so that the product of two factors fits into a long.
      expected = Math.min(expected * Math.min(dimension, Integer.MAX_VALUE), Integer.MAX_VALUE);
    }
    if (expected != values) {
      throw new InvalidInputException(
          "input '%s' has %d values, but its shape is %s".formatted(tensor, values, shape));
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
      throw new InvalidInputException(
          "'shape' must be a list of 1 to %d non-negative integers".formatted(MAX_DEPTH));
    }
    return shape;
  }

  /** Reads numbers, flat or nested; the nesting is not compared with the shape. */
  private double[] data() throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new InvalidInputException("'data' must be a list of numbers, flat or nested");
    }
    double[] values = new double[Iris.FEATURES.size()];
    int count = 0;
    int depth = 1;
    while (depth > 0) {
      switch (json.nextToken()) {
        case START_ARRAY -> {
          depth++;
          if (depth > MAX_DEPTH) {
            throw new InvalidInputException("'data' is nested too deeply");
          }
        }
        case END_ARRAY -> depth--;
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
          if (count == Rows.MAX * FEATURES) {
            throw new InvalidInputException(
                "the request has more than %d rows".formatted(Rows.MAX));
          }
          if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
          }
          values[count++] = json.getDoubleValue();
        }
        case null, default ->
            throw new InvalidInputException("'data' must be a list of numbers, flat or nested");
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
    throw new InvalidInputException(
        "'inputs' must be one tensor of shape [n, %d], or the columns %s of shape [n] or [n, 1]"
            .formatted(FEATURES, String.join(", ", Iris.FEATURES)));
  }

  private Rows columns() {
    int count = inputs.getFirst().values().length;
    double[] values = new double[count * FEATURES];
    List<String> missing = new ArrayList<>(Iris.FEATURES);
    for (Tensor column : inputs) {
      int feature = Iris.featureIndex(column.name()).orElse(-1);
      if (feature < 0 || !missing.remove(Iris.FEATURES.get(feature))) {
        throw new InvalidInputException(
            "input '%s' is unknown or given twice; the columns are %s"
                .formatted(column.name(), String.join(", ", Iris.FEATURES)));
      }
      if (column.values().length != count) {
        throw new InvalidInputException(
            "input '%s' has %d values, but input '%s' has %d"
                .formatted(column.name(), column.values().length, inputs.getFirst().name(), count));
      }
      for (int row = 0; row < count; row++) {
        values[row * FEATURES + feature] = column.values()[row];
      }
    }
    return new Rows(values, count);
  }
}
