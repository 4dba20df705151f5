package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * Writes a forest as ONNX-ML: one {@code TreeEnsembleClassifier} of {@code ai.onnx.ml} 1, the form
 * that scikit-learn's exporter writes, too. The same forest gives the same bytes.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html">the
 *     operator</a>
 */
public final class OnnxWriter {
  /** The name of the graph's input: {@code [N, features]} in the forest's precision. */
  public static final String INPUT = "X";

  private OnnxWriter() {}

  public static byte[] write(OnnxForest model) {
    Forest forest = model.forest();
    var graph =
        OnnxMl.GraphProto.newBuilder()
            .setName("iris")
            .addInput(value(INPUT, inputType(forest), forest.featureCount()))
            .addOutput(value("label", labelType(model.labels()), 0))
            .addOutput(value("probabilities", DataType.FLOAT, forest.classCount()))
            .addNode(classifier(model));
    var proto =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(8)
            .setProducerName("iris-operator")
            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("").setVersion(15))
            .addOpsetImport(
                OnnxMl.OperatorSetIdProto.newBuilder().setDomain("ai.onnx.ml").setVersion(1))
            .setGraph(graph);
    new TreeMap<>(model.metadata().properties())
        .forEach(
            (key, value) ->
                proto.addMetadataProps(
                    OnnxMl.StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return proto.build().toByteArray();
  }

  private static DataType labelType(ClassLabels labels) {
    return switch (labels) {
      case ClassLabels.Int64 _ -> DataType.INT64;
      case ClassLabels.Text _ -> DataType.STRING;
    };
  }

  private static AttributeProto.Builder labels(ClassLabels labels) {
    return switch (labels) {
      case ClassLabels.Int64(List<Long> values) -> ints("classlabels_int64s").addAllInts(values);
      case ClassLabels.Text(List<String> values) ->
          AttributeProto.newBuilder()
              .setName("classlabels_strings")
              .setType(AttributeType.STRINGS)
              .addAllStrings(values.stream().map(ByteString::copyFromUtf8).toList());
    };
  }

  private static DataType inputType(Forest forest) {
    return switch (forest.precision()) {
      case FLOAT32 -> DataType.FLOAT;
      case FLOAT64 -> DataType.DOUBLE;
    };
  }

  /** A tensor with a free first dimension, and a second one unless {@code columns} is 0. */
  private static OnnxMl.ValueInfoProto value(String name, DataType type, int columns) {
    var shape =
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

  private static OnnxMl.NodeProto classifier(OnnxForest model) {
    List<Row> nodes = rows(model.forest());
    List<Weight> weights = weights(nodes);
    return OnnxMl.NodeProto.newBuilder()
        .setName("forest")
        .setDomain("ai.onnx.ml")
        .setOpType("TreeEnsembleClassifier")
        .addInput(INPUT)
        .addOutput("label")
        .addOutput("probabilities")
        .addAttribute(ints("class_ids", weights, Weight::classId))
        .addAttribute(ints("class_nodeids", weights, Weight::nodeId))
        .addAttribute(ints("class_treeids", weights, Weight::treeId))
        .addAttribute(floats("class_weights", weights.stream().map(Weight::weight).toList()))
        .addAttribute(labels(model.labels()))
        .addAttribute(ints("nodes_falsenodeids", nodes, row -> split(row).right()))
        .addAttribute(ints("nodes_featureids", nodes, row -> split(row).feature()))
        .addAttribute(
            ints(
                "nodes_missing_value_tracks_true",
                nodes,
                row -> split(row).missingGoesLeft() ? 1 : 0))
        .addAttribute(modes(nodes))
        .addAttribute(ints("nodes_nodeids", nodes, Row::nodeId))
        .addAttribute(ints("nodes_treeids", nodes, Row::treeId))
        .addAttribute(ints("nodes_truenodeids", nodes, row -> split(row).left()))
        .addAttribute(
            floats("nodes_values", nodes.stream().map(r -> split(r).threshold()).toList()))
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("post_transform")
                .setType(AttributeType.STRING)
                .setS(ByteString.copyFromUtf8("NONE")))
        .build();
  }

  private record Row(int treeId, int nodeId, Node node) {}

  private record Weight(int treeId, int nodeId, int classId, float weight) {}

  private static List<Row> rows(Forest forest) {
    var rows = new ArrayList<Row>(forest.nodeCount());
    List<List<Node>> trees = forest.trees();
    for (int t = 0; t < trees.size(); t++) {
      for (int n = 0; n < trees.get(t).size(); n++) {
        rows.add(new Row(t, n, trees.get(t).get(n)));
      }
    }
    return rows;
  }

  private static List<Weight> weights(List<Row> rows) {
    var weights = new ArrayList<Weight>();
    for (Row row : rows) {
      if (row.node() instanceof Node.Leaf leaf) {
        for (int c = 0; c < leaf.weights().size(); c++) {
          weights.add(new Weight(row.treeId(), row.nodeId(), c, leaf.weights().get(c)));
        }
      }
    }
    return weights;
  }

  /** The split of a row; a leaf's split columns are zero. */
  private static Node.Split split(Row row) {
    return row.node() instanceof Node.Split split ? split : new Node.Split(0, 0f, false, 0, 0);
  }

  private static AttributeProto.Builder ints(String name) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
  }

  private static <T> AttributeProto.Builder ints(
      String name, List<T> rows, ToLongFunction<T> column) {
    var attribute = ints(name);
    rows.forEach(row -> attribute.addInts(column.applyAsLong(row)));
    return attribute;
  }

  private static AttributeProto.Builder floats(String name, List<Float> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOATS)
        .addAllFloats(values);
  }

  private static AttributeProto.Builder modes(List<Row> rows) {
    var attribute =
        AttributeProto.newBuilder().setName("nodes_modes").setType(AttributeType.STRINGS);
    rows.forEach(
        row ->
            attribute.addStrings(
                ByteString.copyFromUtf8(row.node() instanceof Node.Split ? "BRANCH_LEQ" : "LEAF")));
    return attribute;
  }
}
