package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A parsed ONNX file. Nothing in it runs. */
record OnnxFile(OnnxMl.ModelProto proto) {

  /**
   * Parses a file.
   *
   * @throws InvalidModelException if it is not an ONNX file, or truncated
   */
  static OnnxFile parse(byte[] bytes) throws InvalidModelException {
    OnnxMl.ModelProto proto;
    try {
      proto = OnnxMl.ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidModelException("not an ONNX file, or a truncated one: " + e.getMessage(), e);
    }
    if (proto.getGraph().getNodeCount() == 0) {
      throw new InvalidModelException("not an ONNX file: it has no graph");
    }
    // The last part of a file without metadata: if it is missing, the file is truncated.
    Set<String> imported =
        proto.getOpsetImportList().stream()
            .map(operators -> domain(operators.getDomain()))
            .collect(Collectors.toSet());
    for (OnnxMl.NodeProto node : proto.getGraph().getNodeList()) {
      String domain = domain(node.getDomain());
      if (!imported.contains(domain)) {
        throw new InvalidModelException(
            "not an ONNX file, or a truncated one: it has the operator %s without importing '%s'"
                .formatted(node.getOpType(), domain));
      }
    }
    return new OnnxFile(proto);
  }

  /** A domain of operators by its full name: that of {@code ai.onnx} may be left out. */
  static String domain(String name) {
    return name.isEmpty() ? "ai.onnx" : name;
  }

  OnnxMl.GraphProto graph() {
    return proto.getGraph();
  }

  /** The inputs that a caller sets: those that are no constants. */
  List<OnnxMl.ValueInfoProto> inputs() {
    Set<String> constants =
        graph().getInitializerList().stream()
            .map(OnnxMl.TensorProto::getName)
            .collect(Collectors.toSet());
    return graph().getInputList().stream().filter(i -> !constants.contains(i.getName())).toList();
  }

  OnnxMetadata metadata() {
    return new OnnxMetadata(
        proto.getMetadataPropsList().stream()
            .collect(
                Collectors.toMap(
                    OnnxMl.StringStringEntryProto::getKey,
                    OnnxMl.StringStringEntryProto::getValue,
                    (first, second) -> second)));
  }
}
