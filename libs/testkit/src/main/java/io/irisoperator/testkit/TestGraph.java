package io.irisoperator.testkit;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.util.List;

/**
 * A logistic regression as skl2onnx exports it, which tells setosa by short petals and virginica by
 * wide ones. A test changes what it is about.
 */
public final class TestGraph {
  private static final String ML = "ai.onnx.ml";

  private TestGraph() {}

  /** With the labels 0, 1, 2 and an output for the labels and one for the probabilities. */
  public static OnnxMl.ModelProto.Builder logisticRegression() {
    return withLabels(ints("classlabels_ints", 0, 1, 2), DataType.INT64);
  }

  /** With labels of text. */
  public static OnnxMl.ModelProto.Builder logisticRegression(List<String> labels) {
    return withLabels(
        AttributeProto.newBuilder()
            .setName("classlabels_strings")
            .setType(AttributeType.STRINGS)
            .addAllStrings(labels.stream().map(ByteString::copyFromUtf8).toList()),
        DataType.STRING);
  }

  private static OnnxMl.ModelProto.Builder withLabels(
      AttributeProto.Builder labels, DataType type) {
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("").setVersion(15))
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain(ML).setVersion(1))
        .setGraph(
            OnnxMl.GraphProto.newBuilder()
                .setName("logistic regression")
                .addInput(value("X", DataType.FLOAT, 4))
                .addOutput(value("label", type, 0))
                .addOutput(value("probabilities", DataType.FLOAT, 3))
                .addNode(
                    OnnxMl.NodeProto.newBuilder()
                        .setDomain(ML)
                        .setOpType("LinearClassifier")
                        .addInput("X")
                        .addOutput("label")
                        .addOutput("probabilities")
                        .addAttribute(labels)
                        .addAttribute(
                            floats(
                                "coefficients", 0, 0, -2.5f, -1, 0, 0, 0.2f, -0.8f, 0, 0, 2, 2.5f))
                        .addAttribute(floats("intercepts", 9, 2, -12))
                        .addAttribute(
                            AttributeProto.newBuilder()
                                .setName("post_transform")
                                .setType(AttributeType.STRING)
                                .setS(ByteString.copyFromUtf8("SOFTMAX")))));
  }

  /** Its probabilities in maps, as skl2onnx' default is. */
  public static OnnxMl.ModelProto.Builder withZipMap() {
    OnnxMl.ModelProto.Builder model = logisticRegression();
    model
        .getGraphBuilder()
        .addNode(
            OnnxMl.NodeProto.newBuilder()
                .setDomain(ML)
                .setOpType("ZipMap")
                .addInput("probabilities")
                .addOutput("maps")
                .addAttribute(ints("classlabels_int64s", 0, 1, 2)))
        .setOutput(
            1,
            OnnxMl.ValueInfoProto.newBuilder()
                .setName("maps")
                .setType(
                    OnnxMl.TypeProto.newBuilder()
                        .setSequenceType(
                            OnnxMl.TypeProto.Sequence.newBuilder()
                                .setElemType(
                                    OnnxMl.TypeProto.newBuilder()
                                        .setMapType(
                                            OnnxMl.TypeProto.Map.newBuilder()
                                                .setKeyType(DataType.INT64_VALUE)
                                                .setValueType(
                                                    OnnxMl.TypeProto.newBuilder()
                                                        .setTensorType(
                                                            OnnxMl.TypeProto.Tensor.newBuilder()
                                                                .setElemType(
                                                                    DataType.FLOAT_VALUE))))))));
    return model;
  }

  /** An input for each feature, in the order of their names. */
  public static OnnxMl.ModelProto.Builder withInputs(List<String> names) {
    OnnxMl.ModelProto.Builder model = logisticRegression();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder().clearInput();
    names.forEach(name -> graph.addInput(value(name, DataType.FLOAT, 1)));
    graph.addNode(
        0,
        OnnxMl.NodeProto.newBuilder()
            .setOpType("Concat")
            .addAllInput(names)
            .addOutput("X")
            .addAttribute(
                AttributeProto.newBuilder().setName("axis").setType(AttributeType.INT).setI(1)));
    return model;
  }

  /** A value of shape {@code [N]}, or {@code [N, columns]}. */
  public static OnnxMl.ValueInfoProto value(String name, DataType type, int columns) {
    OnnxMl.TensorShapeProto.Builder shape =
        OnnxMl.TensorShapeProto.newBuilder()
            .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimParam("N"));
    if (columns > 0) {
      shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(type.getNumber())
                        .setShape(shape)))
        .build();
  }

  private static AttributeProto.Builder ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute;
  }

  /** An attribute with a list of numbers. */
  public static AttributeProto.Builder floats(String name, float... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
    for (float value : values) {
      attribute.addFloats(value);
    }
    return attribute;
  }
}
