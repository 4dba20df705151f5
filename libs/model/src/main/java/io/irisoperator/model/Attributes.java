package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A node's attributes by name; one that is absent is empty. */
record Attributes(Map<String, AttributeProto> byName) {
  Attributes(OnnxMl.NodeProto node) {
    this(
        node.getAttributeList().stream()
            .collect(Collectors.toMap(AttributeProto::getName, a -> a, (first, second) -> second)));
  }

  /** The labels that a classifier or a ZipMap lists; empty if it lists none. */
  Optional<ClassLabels> labels() {
    List<ByteString> texts = strings("classlabels_strings");
    if (!texts.isEmpty()) {
      return Optional.of(
          new ClassLabels.Text(texts.stream().map(ByteString::toStringUtf8).toList()));
    }
    long[] integers =
        has("classlabels_ints") ? ints("classlabels_ints") : ints("classlabels_int64s");
    return integers.length == 0
        ? Optional.empty()
        : Optional.of(new ClassLabels.Int64(Arrays.stream(integers).boxed().toList()));
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  private AttributeProto get(String name) {
    return byName.getOrDefault(name, AttributeProto.getDefaultInstance());
  }

  long number(String name, long absent) {
    return has(name) ? get(name).getI() : absent;
  }

  String text(String name, String absent) {
    return has(name) ? get(name).getS().toStringUtf8() : absent;
  }

  OnnxMl.TensorProto tensor(String name) {
    return get(name).getT();
  }

  List<ByteString> strings(String name) {
    return get(name).getStringsList();
  }

  long[] ints(String name) {
    return get(name).getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  long[] ints(String name, int length) throws InvalidModelException {
    requireLength(name, get(name).getIntsCount(), length);
    return ints(name);
  }

  float[] floats(String name) {
    AttributeProto attribute = get(name);
    float[] floats = new float[attribute.getFloatsCount()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = attribute.getFloats(i);
    }
    return floats;
  }

  float[] floats(String name, int length) throws InvalidModelException {
    requireLength(name, get(name).getFloatsCount(), length);
    return floats(name);
  }

  static void requireLength(String name, int length, int expected) throws InvalidModelException {
    if (length != expected) {
      throw new InvalidModelException(
          "%s has %d entries, expected %d".formatted(name, length, expected));
    }
  }
}
