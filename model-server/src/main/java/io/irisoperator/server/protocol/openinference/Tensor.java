package io.irisoperator.server.protocol.openinference;

import io.irisoperator.server.prediction.InvalidInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * An input tensor.
 *
 * @param shape the dimensions, none negative
 * @param values the elements in row-major order
 */
@SuppressWarnings("ArrayRecordComponent") // The content of a request, never compared.
record Tensor(String name, List<Long> shape, double[] values) {
  Tensor {
    shape = List.copyOf(shape);
  }

  /** The supported data types of inputs. */
  enum Datatype {
    FP32(Float.BYTES),
    FP64(Double.BYTES),
    INT32(Integer.BYTES),
    INT64(Long.BYTES);

    private final int bytes;

    Datatype(int bytes) {
      this.bytes = bytes;
    }

    static Datatype of(String tensor, String name) {
      return Arrays.stream(values())
          .filter(type -> type.name().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new InvalidInputException(
                      "input '%s' has unsupported datatype '%s'; send one of %s"
                          .formatted(tensor, name, List.of(values()))));
    }

    /**
     * Reads values in the format of the binary data extension: little-endian, contiguous.
     *
     * @throws InvalidInputException if the last value is truncated
     */
    double[] read(String tensor, ByteBuffer data) {
      if (data.remaining() % bytes != 0) {
        throw new InvalidInputException(
            "input '%s' has %d bytes of binary data, not a multiple of %d, the size of %s"
                .formatted(tensor, data.remaining(), bytes, name()));
      }
      data.order(ByteOrder.LITTLE_ENDIAN);
      double[] values = new double[data.remaining() / bytes];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (this) {
              case FP32 -> data.getFloat();
              case FP64 -> data.getDouble();
              case INT32 -> data.getInt();
              case INT64 -> data.getLong();
            };
      }
      return values;
    }
  }

  /** Whether the tensor is a column, one value for each row. */
  boolean isColumn() {
    return shape.size() == 1 || (shape.size() == 2 && shape.get(1) == 1);
  }
}
