package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the forests that {@link OnnxWriter} and scikit-learn's exporter (skl2onnx) write: one
 * {@code TreeEnsembleClassifier} that sums the weights of its leaves, with {@code Cast} and {@code
 * Identity} around it and {@code ZipMap} after it.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html">the
 *     operator</a>
 */
final class ForestReader {
  private static final String CLASSIFIER = "TreeEnsembleClassifier";
  private static final Set<String> FORWARDING = Set.of("Cast", "Identity");
  private static final Set<String> AFTER_CLASSIFIER = Set.of("Cast", "Identity", "ZipMap");
  private static final int MAX_FEATURES = 1024;

  private ForestReader() {}

  /**
   * Reads a plain forest; empty if the graph is something else.
   *
   * @throws InvalidModelException naming what is invalid in the forest
   */
  static Optional<OnnxForest> read(OnnxFile file) throws InvalidModelException {
    List<OnnxMl.NodeProto> classifiers =
        file.graph().getNodeList().stream().filter(n -> n.getOpType().equals(CLASSIFIER)).toList();
    if (classifiers.size() != 1 || file.inputs().size() != 1 || isOpen(file.inputs().getFirst())) {
      return Optional.empty();
    }
    Attributes attributes = new Attributes(classifiers.getFirst());
    OnnxMl.ValueInfoProto input = file.inputs().getFirst();
    Optional<Precision> precision = precision(file.graph(), input, classifiers.getFirst());
    if (precision.isEmpty() || !sumsWeights(attributes)) {
      return Optional.empty();
    }
    ClassLabels labels =
        attributes
            .labels()
            .filter(l -> l.count() >= 3 && l.count() <= Forest.MAX_CLASSES)
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "%d classes, only 3 to %d are supported"
                            .formatted(
                                attributes.labels().map(ClassLabels::count).orElse(0),
                                Forest.MAX_CLASSES)));
    Forest forest =
        Forest.of(
            precision.get(),
            featureCount(input),
            labels.count(),
            trees(attributes, labels.count()));
    return Optional.of(new OnnxForest(forest, labels, file.metadata()));
  }

  /** Whether the file leaves the number of features open. */
  private static boolean isOpen(OnnxMl.ValueInfoProto input) {
    var shape = input.getType().getTensorType().getShape();
    return shape.getDimCount() == 2 && shape.getDim(1).getDimValue() == 0;
  }

  private static boolean sumsWeights(Attributes attributes) {
    return attributes.text("post_transform", "NONE").equals("NONE")
        && attributes.floats("base_values").length == 0
        && !attributes.has("base_values_as_tensor")
        && !attributes.has("nodes_values_as_tensor")
        && !attributes.has("class_weights_as_tensor")
        && TreeTable.comparesOnlyLeq(attributes);
  }

  private static int featureCount(OnnxMl.ValueInfoProto input) throws InvalidModelException {
    var shape = input.getType().getTensorType().getShape();
    long features = shape.getDimCount() == 2 ? shape.getDim(1).getDimValue() : 0;
    if (features < 1 || features > MAX_FEATURES) {
      throw new InvalidModelException(
          "input %s must have the shape [N, features] with 1 to %d features"
              .formatted(input.getName(), MAX_FEATURES));
    }
    return (int) features;
  }

  /**
   * The precision in which the classifier reads the input, if the graph is one path: input, casts
   * that the forest's own rounding repeats, classifier, casts of labels and ZipMap.
   */
  private static Optional<Precision> precision(
      OnnxMl.GraphProto graph, OnnxMl.ValueInfoProto input, OnnxMl.NodeProto classifier) {
    Map<String, Integer> types = new HashMap<>();
    types.put(input.getName(), input.getType().getTensorType().getElemType());
    Set<String> after = new HashSet<>();
    for (OnnxMl.NodeProto node : graph.getNodeList()) {
      String operator = node.getOpType();
      String from = node.getInputCount() > 0 ? node.getInput(0) : "";
      if (operator.equals(CLASSIFIER) && types.containsKey(from)) {
        types.put(CLASSIFIER, types.get(from));
        after.addAll(node.getOutputList());
      } else if (FORWARDING.contains(operator)
          && types.containsKey(from)
          && node.getOutputCount() == 1
          && rounds(node, types.get(from))) {
        types.put(node.getOutput(0), castType(node, types.get(from)));
      } else if (!(AFTER_CLASSIFIER.contains(operator)
          && after.contains(from)
          && keepsProbabilities(node, classifier))) {
        return Optional.empty();
      } else {
        after.addAll(node.getOutputList());
      }
    }
    return switch (types.getOrDefault(CLASSIFIER, DataType.UNDEFINED_VALUE)) {
      case DataType.FLOAT_VALUE -> Optional.of(Precision.FLOAT32);
      case DataType.DOUBLE_VALUE -> Optional.of(Precision.FLOAT64);
      default -> Optional.empty();
    };
  }

  private static int castType(OnnxMl.NodeProto node, int from) {
    return node.getOpType().equals("Cast")
        ? (int) new Attributes(node).number("to", DataType.UNDEFINED_VALUE)
        : from;
  }

  /** Whether the values stay, or are rounded from float64 to float32. */
  private static boolean rounds(OnnxMl.NodeProto node, int from) {
    int to = castType(node, from);
    return to == from || (from == DataType.DOUBLE_VALUE && to == DataType.FLOAT_VALUE);
  }

  /** Whether labels and probabilities keep their type, and ZipMap the labels. */
  private static boolean keepsProbabilities(OnnxMl.NodeProto node, OnnxMl.NodeProto classifier) {
    if (node.getOpType().equals("ZipMap")) {
      return new Attributes(node).labels().equals(new Attributes(classifier).labels());
    }
    boolean ofLabels =
        classifier.getOutputCount() > 0
            && node.getInputCount() > 0
            && node.getInput(0).equals(classifier.getOutput(0));
    int type = ofLabels ? DataType.INT64_VALUE : DataType.FLOAT_VALUE;
    return castType(node, type) == type;
  }

  private static List<List<Node>> trees(Attributes attributes, int classCount)
      throws InvalidModelException {
    TreeTable table = TreeTable.of(attributes);
    float[][] weights = weights(attributes, table, classCount);
    List<List<Node>> trees =
        table.trees(
            (row, key) -> {
              if (weights[row] == null) {
                throw new InvalidModelException(key + " is a leaf without class weights");
              }
              float[] leaf = weights[row];
              weights[row] = null;
              return leaf(leaf);
            });
    for (Map.Entry<TreeTable.NodeKey, Integer> node : table.positions().entrySet()) {
      if (weights[node.getValue()] != null) {
        throw new InvalidModelException(node.getKey() + " has class weights but is not a leaf");
      }
    }
    return trees;
  }

  private static Node.Leaf leaf(float[] weights) {
    List<Float> list = new ArrayList<>(weights.length);
    for (float w : weights) {
      list.add(w);
    }
    return new Node.Leaf(list);
  }

  /** Class weights by row of the table; null if the node has none. */
  private static float[][] weights(Attributes a, TreeTable table, int classCount)
      throws InvalidModelException {
    long[] treeIds = a.ints("class_treeids");
    long[] nodeIds = a.ints("class_nodeids", treeIds.length);
    long[] classIds = a.ints("class_ids", treeIds.length);
    float[] values = a.floats("class_weights", treeIds.length);
    float[][] weights = new float[table.size()][];
    for (int i = 0; i < treeIds.length; i++) {
      TreeTable.NodeKey key = new TreeTable.NodeKey(treeIds[i], nodeIds[i]);
      Integer position = table.positions().get(key);
      if (position == null) {
        throw new InvalidModelException("class weights for " + key + ", which does not exist");
      }
      if (classIds[i] < 0 || classIds[i] >= classCount) {
        throw new InvalidModelException(
            "%s has a weight for class %d, the classes are 0 to %d"
                .formatted(key, classIds[i], classCount - 1));
      }
      if (weights[position] == null) {
        weights[position] = new float[classCount];
      }
      if (weights[position][(int) classIds[i]] != 0) {
        throw new InvalidModelException(
            "%s has two weights for class %d".formatted(key, classIds[i]));
      }
      weights[position][(int) classIds[i]] = values[i];
    }
    return weights;
  }
}
