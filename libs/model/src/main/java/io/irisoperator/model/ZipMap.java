package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The operator that turns each row of probabilities into a map, as the last one of a graph. Maps
 * cost more than the prediction, and say no more than their labels and the tensor that it reads.
 *
 * @param file the file that it is in
 * @see <a href="https://onnx.ai/onnx/operators/onnx_aionnxml_ZipMap.html">the operator</a>
 */
record ZipMap(OnnxFile file, OnnxMl.NodeProto node) {

  /** Finds the one whose maps are an output of the graph. */
  static Optional<ZipMap> find(OnnxFile file) {
    List<String> outputs =
        file.graph().getOutputList().stream().map(OnnxMl.ValueInfoProto::getName).toList();
    return file.graph().getNodeList().stream()
        .filter(
            node ->
                node.getOpType().equals("ZipMap")
                    && node.getInputCount() == 1
                    && node.getOutputCount() == 1
                    && outputs.contains(node.getOutput(0)))
        .findFirst()
        .map(node -> new ZipMap(file, node));
  }

  /** The keys of its maps, in the order of the probabilities. */
  Optional<ClassLabels> labels() {
    return new Attributes(node).labels();
  }

  /** The file with the tensor as its output, in place of the maps. */
  OnnxFile withoutMaps() {
    OnnxMl.GraphProto graph = file.graph();
    OnnxMl.GraphProto.Builder changed = graph.toBuilder().clearNode().clearOutput();
    graph.getNodeList().stream().filter(other -> !other.equals(node)).forEach(changed::addNode);
    graph.getOutputList().stream()
        .map(output -> output.getName().equals(node.getOutput(0)) ? tensor(output) : output)
        .forEach(changed::addOutput);
    return new OnnxFile(file.proto().toBuilder().setGraph(changed).build());
  }

  /** The tensor, with the type of the maps' values. */
  private OnnxMl.ValueInfoProto tensor(OnnxMl.ValueInfoProto maps) {
    var value = maps.getType().getSequenceType().getElemType().getMapType().getValueType();
    var shape = OnnxMl.TensorShapeProto.newBuilder();
    IntStream.range(0, 2).forEach(dimension -> shape.addDimBuilder());
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(node.getInput(0))
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(value.getTensorType().getElemType())
                        .setShape(shape)))
        .build();
  }
}
