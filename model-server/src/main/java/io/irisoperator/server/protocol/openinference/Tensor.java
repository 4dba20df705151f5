package io.irisoperator.server.protocol.openinference;

import io.irisoperator.server.http.RefusedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor of a request.
 *
 * @param shape its dimensions, none below 0
 * @param values row-major
 */
@SuppressWarnings("ArrayRecordComponent") // Not a value: what a request brought.
record Tensor(String name, List<Long> shape, double[] values) {
  Tensor {
    shape = List.copyOf(shape);
  }

  /** What a request may have tensors of. */
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
                  RefusedException.badRequest(
                      "input '%s' has the datatype '%s': send one of %s"
                          .formatted(tensor, name, List.of(values()))));
    }

    /**
     * Reads values as the extension for binary data has them: little-endian, nothing in between.
     *
     * @throws RefusedException when a value is cut off
     */
    double[] read(String tensor, ByteBuffer data) {
      if (data.remaining() % bytes != 0) {
        throw RefusedException.badRequest(
            "input '%s' has %d bytes, no multiple of the %d that an %s takes"
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

  /** Whether it is a column: one value for each row. */
  boolean isColumn() {
    return shape.size() == 1 || (shape.size() == 2 && shape.get(1) == 1);
  }
}
