package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the forests that {@link OnnxWriter} and scikit-learn's exporter (skl2onnx) write: one
 * {@code TreeEnsembleClassifier}, with {@code Cast} and {@code Identity} around it and {@code
 * ZipMap} after it.
 *
 * <p>Time and memory are bounded by the size of the file; nothing in it can run.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html">the
 *     operator</a>
 */
public final class OnnxReader {
  private static final String CLASSIFIER = "TreeEnsembleClassifier";
  private static final Set<String> FORWARDING = Set.of("Cast", "Identity");
  private static final Set<String> AFTER_CLASSIFIER = Set.of("Cast", "Identity", "ZipMap");
  private static final int MAX_FEATURES = 1024;
  private static final JsonFactory JSON = new JsonFactory();

  private OnnxReader() {}

  /**
   * Reads a file.
   *
   * @throws InvalidModelException naming what is invalid or not supported
   */
  public static OnnxForest read(byte[] file) throws InvalidModelException {
    OnnxMl.ModelProto model;
    try {
      model = OnnxMl.ModelProto.parseFrom(file);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidModelException("not an ONNX file, or a truncated one: " + e.getMessage(), e);
    }
    OnnxMl.GraphProto graph = model.getGraph();
    if (graph.getNodeCount() == 0) {
      throw new InvalidModelException("not an ONNX file: it has no graph");
    }
    // The last part of a file without metadata: if it is missing, the file is truncated.
    if (model.getOpsetImportList().stream().noneMatch(o -> o.getDomain().equals("ai.onnx.ml"))) {
      throw new InvalidModelException("not an ONNX-ML file: it imports no ai.onnx.ml operators");
    }
    OnnxMl.NodeProto classifier = classifier(graph);
    Attributes attributes = new Attributes(classifier);
    OnnxMl.ValueInfoProto input = input(graph);
    int features = featureCount(input);
    List<String> labels = labels(attributes);
    Precision precision = requirePath(graph, input, classifier);
    Forest forest = Forest.of(precision, features, labels.size(), trees(attributes, labels.size()));
    Map<String, String> metadata =
        model.getMetadataPropsList().stream()
            .collect(
                Collectors.toMap(
                    OnnxMl.StringStringEntryProto::getKey,
                    OnnxMl.StringStringEntryProto::getValue,
                    (first, second) -> second));
    return new OnnxForest(forest, classNames(metadata, labels), metadata);
  }

  private static OnnxMl.NodeProto classifier(OnnxMl.GraphProto graph) throws InvalidModelException {
    List<OnnxMl.NodeProto> found =
        graph.getNodeList().stream().filter(n -> n.getOpType().equals(CLASSIFIER)).toList();
    if (found.size() != 1) {
      String operators =
          graph.getNodeList().stream()
              .map(OnnxMl.NodeProto::getOpType)
              .distinct()
              .limit(10)
              .collect(Collectors.joining(", "));
      throw new InvalidModelException(
          "expected one " + CLASSIFIER + ", found " + found.size() + " among: " + operators);
    }
    return found.getFirst();
  }

  private static OnnxMl.ValueInfoProto input(OnnxMl.GraphProto graph) throws InvalidModelException {
    Set<String> constants =
        graph.getInitializerList().stream()
            .map(OnnxMl.TensorProto::getName)
            .collect(Collectors.toSet());
    List<OnnxMl.ValueInfoProto> inputs =
        graph.getInputList().stream().filter(i -> !constants.contains(i.getName())).toList();
    if (inputs.size() != 1) {
      throw new InvalidModelException("expected one input [N, features], found " + inputs.size());
    }
    return inputs.getFirst();
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

  /** Requires that the graph is one path: input, casts, classifier, casts and ZipMap. */
  private static Precision requirePath(
      OnnxMl.GraphProto graph, OnnxMl.ValueInfoProto input, OnnxMl.NodeProto classifier)
      throws InvalidModelException {
    Map<String, Integer> types = new HashMap<>();
    types.put(input.getName(), input.getType().getTensorType().getElemType());
    Set<String> after = new HashSet<>();
    for (OnnxMl.NodeProto node : graph.getNodeList()) {
      String operator = node.getOpType();
      String from = node.getInputCount() > 0 ? node.getInput(0) : "";
      if (operator.equals(CLASSIFIER)) {
        if (!types.containsKey(from)) {
          throw new InvalidModelException(CLASSIFIER + " does not read the graph's input");
        }
        types.put(CLASSIFIER, types.get(from));
        after.addAll(node.getOutputList());
      } else if (FORWARDING.contains(operator) && types.containsKey(from)) {
        types.put(output(node), cast(node, types.get(from)));
      } else if (AFTER_CLASSIFIER.contains(operator) && after.contains(from)) {
        requireUnchanged(node, classifier);
        after.addAll(node.getOutputList());
      } else {
        throw new InvalidModelException(
            "operator %s is not supported, only a %s with Cast, Identity and ZipMap around it"
                .formatted(operator, CLASSIFIER));
      }
    }
    return switch (types.get(CLASSIFIER)) {
      case DataType.FLOAT_VALUE -> Precision.FLOAT32;
      case DataType.DOUBLE_VALUE -> Precision.FLOAT64;
      default ->
          throw new InvalidModelException(
              CLASSIFIER
                  + " reads neither float32 nor float64, but ONNX type "
                  + types.get(CLASSIFIER));
    };
  }

  private static String output(OnnxMl.NodeProto node) throws InvalidModelException {
    if (node.getOutputCount() != 1) {
      throw new InvalidModelException(
          "operator %s has %d outputs".formatted(node.getOpType(), node.getOutputCount()));
    }
    return node.getOutput(0);
  }

  /** The type of a node's output. Only casts that the forest's own rounding repeats are allowed. */
  private static int cast(OnnxMl.NodeProto node, int from) throws InvalidModelException {
    if (node.getOpType().equals("Identity")) {
      return from;
    }
    int to = (int) new Attributes(node).number("to", DataType.UNDEFINED_VALUE);
    boolean rounds = from == DataType.DOUBLE_VALUE && to == DataType.FLOAT_VALUE;
    if (to != from && !rounds) {
      throw new InvalidModelException(
          "a Cast of the input from ONNX type %d to %d is not supported, only float64 to float32"
              .formatted(from, to));
    }
    return to;
  }

  /** Labels may be cast, as skl2onnx does; probabilities only to their own type. */
  private static void requireUnchanged(OnnxMl.NodeProto node, OnnxMl.NodeProto classifier)
      throws InvalidModelException {
    boolean ofLabels =
        classifier.getOutputCount() > 0 && node.getInput(0).equals(classifier.getOutput(0));
    long to = new Attributes(node).number("to", DataType.FLOAT_VALUE);
    if (node.getOpType().equals("Cast") && !ofLabels && to != DataType.FLOAT_VALUE) {
      throw new InvalidModelException(
          "a Cast of the probabilities to ONNX type " + to + " is not supported");
    }
  }

  private static List<String> labels(Attributes attributes) throws InvalidModelException {
    List<String> strings =
        attributes.strings("classlabels_strings").stream().map(ByteString::toStringUtf8).toList();
    List<String> labels =
        strings.isEmpty()
            ? Arrays.stream(attributes.ints("classlabels_int64s")).mapToObj(Long::toString).toList()
            : strings;
    if (labels.size() < 3 || labels.size() > Forest.MAX_CLASSES) {
      throw new InvalidModelException(
          "%d classes, only 3 to %d are supported".formatted(labels.size(), Forest.MAX_CLASSES));
    }
    return labels;
  }

  private static List<String> classNames(Map<String, String> metadata, List<String> labels)
      throws InvalidModelException {
    String json = metadata.get(OnnxForest.CLASS_NAMES);
    if (json == null) {
      return labels;
    }
    List<String> names = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(json)) {
      boolean list = parser.nextToken() == JsonToken.START_ARRAY;
      while (list && parser.nextToken() == JsonToken.VALUE_STRING) {
        names.add(parser.getText());
      }
      if (parser.currentToken() != JsonToken.END_ARRAY || parser.nextToken() != null) {
        throw new InvalidModelException("metadata class_names is not a JSON list of strings");
      }
    } catch (IOException e) {
      throw new InvalidModelException("metadata class_names is not a JSON list of strings", e);
    }
    if (names.size() != labels.size()) {
      throw new InvalidModelException(
          "metadata class_names must have %d names: %s".formatted(labels.size(), json));
    }
    return names;
  }

  private static List<List<Node>> trees(Attributes a, int classCount) throws InvalidModelException {
    if (a.has("base_values") && a.floats("base_values").length > 0) {
      throw new InvalidModelException("base_values are not supported");
    }
    for (String name : List.of("nodes_values_as_tensor", "class_weights_as_tensor")) {
      if (a.has(name)) {
        throw new InvalidModelException(
            name + " is not supported: export for ai.onnx.ml opset 1 or 2");
      }
    }
    String transform = a.text("post_transform", "NONE");
    if (!transform.equals("NONE")) {
      throw new InvalidModelException(
          "post_transform " + transform + " is not supported, only NONE");
    }
    long[] treeIds = a.ints("nodes_treeids");
    int count = treeIds.length;
    long[] nodeIds = a.ints("nodes_nodeids", count);
    long[] featureIds = a.ints("nodes_featureids", count);
    float[] thresholds = a.floats("nodes_values", count);
    long[] lefts = a.ints("nodes_truenodeids", count);
    long[] rights = a.ints("nodes_falsenodeids", count);
    long[] missing =
        a.has("nodes_missing_value_tracks_true")
            ? a.ints("nodes_missing_value_tracks_true", count)
            : new long[count];
    List<ByteString> modes = a.strings("nodes_modes");
    requireLength("nodes_modes", modes.size(), count);
    if (count == 0) {
      throw new InvalidModelException("nodes_treeids is empty: a forest needs at least one tree");
    }
    if (count > Integer.MAX_VALUE / Forest.MAX_CLASSES) {
      throw new InvalidModelException(count + " nodes are too many");
    }

    // The position of each (tree, node) in the columns, and the start of each tree.
    Map<NodeKey, Integer> positions = HashMap.newHashMap(count);
    List<Integer> starts = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      if (i == 0 || treeIds[i] != treeIds[i - 1]) {
        if (!seen.add(treeIds[i])) {
          throw new InvalidModelException(
              "tree " + treeIds[i] + " is not listed in consecutive rows");
        }
        starts.add(i);
      }
      if (positions.put(new NodeKey(treeIds[i], nodeIds[i]), i) != null) {
        throw new InvalidModelException(
            "tree %d lists node %d twice".formatted(treeIds[i], nodeIds[i]));
      }
    }
    float[][] weights = weights(a, positions, classCount);

    List<List<Node>> trees = new ArrayList<>(starts.size());
    for (int s = 0; s < starts.size(); s++) {
      int start = starts.get(s);
      int end = s + 1 < starts.size() ? starts.get(s + 1) : count;
      List<Node> nodes = new ArrayList<>(end - start);
      for (int i = start; i < end; i++) {
        String mode = modes.get(i).toStringUtf8();
        NodeKey key = new NodeKey(treeIds[i], nodeIds[i]);
        if (mode.equals("LEAF")) {
          if (weights[i] == null) {
            throw new InvalidModelException(key + " is a leaf without class weights");
          }
          nodes.add(leaf(weights[i]));
        } else if (mode.equals("BRANCH_LEQ")) {
          if (weights[i] != null) {
            throw new InvalidModelException(key + " has class weights but is not a leaf");
          }
          nodes.add(
              new Node.Split(
                  intOrNegative(featureIds[i]),
                  thresholds[i],
                  missing[i] != 0,
                  child(positions, key, lefts[i]) - start,
                  child(positions, key, rights[i]) - start));
        } else {
          throw new InvalidModelException(
              key + " has mode " + mode + ", only BRANCH_LEQ and LEAF are supported");
        }
      }
      trees.add(nodes);
    }
    return trees;
  }

  private record NodeKey(long tree, long node) {
    @Override
    public String toString() {
      return "tree " + tree + " node " + node;
    }
  }

  private static int child(Map<NodeKey, Integer> positions, NodeKey parent, long child)
      throws InvalidModelException {
    Integer position = positions.get(new NodeKey(parent.tree(), child));
    if (position == null) {
      throw new InvalidModelException(parent + " has child " + child + ", which does not exist");
    }
    return position;
  }

  private static Node.Leaf leaf(float[] weights) {
    List<Float> list = new ArrayList<>(weights.length);
    for (float w : weights) {
      list.add(w);
    }
    return new Node.Leaf(list);
  }

  /** Class weights by position of the node; null if it has none. */
  private static float[][] weights(Attributes a, Map<NodeKey, Integer> positions, int classCount)
      throws InvalidModelException {
    long[] treeIds = a.ints("class_treeids");
    long[] nodeIds = a.ints("class_nodeids", treeIds.length);
    long[] classIds = a.ints("class_ids", treeIds.length);
    float[] values = a.floats("class_weights", treeIds.length);
    float[][] weights = new float[positions.size()][];
    for (int i = 0; i < treeIds.length; i++) {
      NodeKey key = new NodeKey(treeIds[i], nodeIds[i]);
      Integer position = positions.get(key);
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

  /** A value out of range for an int is no feature: the forest rejects -1 and names the node. */
  private static int intOrNegative(long value) {
    return value == (int) value ? (int) value : -1;
  }

  private static void requireLength(String name, int length, int expected)
      throws InvalidModelException {
    if (length != expected) {
      throw new InvalidModelException(
          "%s has %d entries, expected %d".formatted(name, length, expected));
    }
  }

  /** A node's attributes by name; one that is absent is empty. */
  private record Attributes(Map<String, AttributeProto> byName) {
    Attributes(OnnxMl.NodeProto node) {
      this(
          node.getAttributeList().stream()
              .collect(
                  Collectors.toMap(AttributeProto::getName, a -> a, (first, second) -> second)));
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
  }
}
