package io.irisoperator.model;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a graph may contain: standard operators in the order of their execution, whose constants are
 * all in the file. What a graph would do that runs long or takes much memory cannot be told without
 * running it; the model server's pod has limits for that.
 */
final class GraphLimits {
  private static final Set<String> DOMAINS = Set.of("ai.onnx", "ai.onnx.ml");

  /** They run a graph as often as they like. Scan, which KNN has, runs once for each row. */
  private static final Set<String> CONTROL_FLOW = Set.of("If", "Loop");

  private static final Set<String> RANDOM =
      Set.of(
          "Bernoulli",
          "Multinomial",
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike");

  private static final Set<String> TREES =
      Set.of("TreeEnsembleClassifier", "TreeEnsembleRegressor");

  /** Numbers of which none may be NaN. That of an Imputer's missing value may. */
  private static final List<String> PARAMETERS =
      List.of(
          "base_values",
          "class_weights",
          "coefficients",
          "intercepts",
          "prob_a",
          "prob_b",
          "rho",
          "support_vectors",
          "target_weights");

  private static final int MAX_DEPTH = 2;

  /** Of operators and constants. */
  private static final int MAX_NODES = 100_000;

  private static final int MAX_GRAPHS = 100;

  /** Of inputs, and of outputs. */
  private static final int MAX_VALUES = 64;

  /** In a tensor; more would take more memory than a pod has. */
  private static final long MAX_ELEMENTS = 1 << 24;

  private int nodes;
  private int graphs;

  private GraphLimits() {}

  /**
   * Checks a file.
   *
   * @throws InvalidModelException naming what is not allowed, and where
   */
  static void require(OnnxFile file) throws InvalidModelException {
    OnnxMl.ModelProto model = file.proto();
    if (model.getFunctionsCount() > 0) {
      throw new InvalidModelException(
          "it defines functions of its own (%s): export with standard operators only"
              .formatted(model.getFunctions(0).getName()));
    }
    for (var values : List.of(file.inputs(), file.graph().getOutputList())) {
      if (values.size() > MAX_VALUES) {
        throw new InvalidModelException(
            "it has %d inputs or outputs, the limit is %d".formatted(values.size(), MAX_VALUES));
      }
    }
    new GraphLimits().requireGraph(file.graph(), new HashSet<>(), 1);
  }

  /**
   * Checks a graph.
   *
   * @param known the names of the values that it may read from the graph around it
   */
  private void requireGraph(OnnxMl.GraphProto graph, Set<String> known, int depth)
      throws InvalidModelException {
    if (depth > MAX_DEPTH || ++graphs > MAX_GRAPHS) {
      throw new InvalidModelException(
          "it has more than %d graphs, or graphs nested more than %d deep"
              .formatted(MAX_GRAPHS, MAX_DEPTH));
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new InvalidModelException("sparse constants are not supported: export dense ones");
    }
    count(graph.getInitializerCount());
    for (OnnxMl.TensorProto tensor : graph.getInitializerList()) {
      requireTensor("the constant " + tensor.getName(), tensor);
      known.add(tensor.getName());
    }
    graph.getInputList().forEach(input -> known.add(input.getName()));
    for (OnnxMl.NodeProto node : graph.getNodeList()) {
      requireNode(node, known, depth);
      for (String output : node.getOutputList()) {
        if (!output.isEmpty() && !known.add(output)) {
          throw new InvalidModelException(
              "operator %s computes %s, which exists already".formatted(node.getOpType(), output));
        }
      }
    }
    for (OnnxMl.ValueInfoProto output : graph.getOutputList()) {
      if (!known.contains(output.getName())) {
        throw new InvalidModelException("no operator computes the output " + output.getName());
      }
    }
  }

  private void requireNode(OnnxMl.NodeProto node, Set<String> known, int depth)
      throws InvalidModelException {
    String operator = node.getOpType();
    count(1);
    if (!DOMAINS.contains(OnnxFile.domain(node.getDomain()))) {
      throw new InvalidModelException(
          "operator %s of the domain %s is not supported: export with standard operators only, those of ai.onnx and ai.onnx.ml"
              .formatted(operator, node.getDomain()));
    }
    if (CONTROL_FLOW.contains(operator)
        || (operator.contains("Sequence") && !operator.equals("ReverseSequence"))
        || operator.startsWith("Optional")) {
      throw new InvalidModelException(
          "operator %s is not supported: export a graph without control flow and sequences"
              .formatted(operator));
    }
    boolean training = operator.equals("Dropout") && node.getInputCount() > 2;
    if (training || RANDOM.contains(operator)) {
      throw new InvalidModelException(
          "operator %s is not supported: the same flower would get different predictions"
              .formatted(operator));
    }
    for (String input : node.getInputList()) {
      if (!input.isEmpty() && !known.contains(input)) {
        throw new InvalidModelException(
            "operator %s reads %s, which no operator before it computes: the graph is not in order, or has a cycle"
                .formatted(operator, input));
      }
    }
    for (AttributeProto attribute : node.getAttributeList()) {
      requireAttribute(operator, attribute, known, depth);
    }
    Attributes attributes = new Attributes(node);
    for (String parameter : PARAMETERS) {
      for (float value : attributes.floats(parameter)) {
        if (Float.isNaN(value)) {
          throw new InvalidModelException(
              "operator %s has NaN in %s".formatted(operator, parameter));
        }
      }
    }
    if (TREES.contains(operator)) {
      requireTrees(attributes);
    } else if (operator.equals("TreeEnsemble")) {
      throw new InvalidModelException(
          "operator TreeEnsemble is not supported: export for ai.onnx.ml opset 3 or older");
    }
  }

  private void count(int more) throws InvalidModelException {
    nodes += more;
    if (nodes > MAX_NODES) {
      throw new InvalidModelException(
          "it has more than %d operators and constants".formatted(MAX_NODES));
    }
  }

  private void requireAttribute(
      String operator, AttributeProto attribute, Set<String> known, int depth)
      throws InvalidModelException {
    String name = "%s of %s".formatted(attribute.getName(), operator);
    if (attribute.hasSparseTensor() || attribute.getSparseTensorsCount() > 0) {
      throw new InvalidModelException(name + " is sparse: export dense constants");
    }
    List<OnnxMl.TensorProto> tensors = new ArrayList<>(attribute.getTensorsList());
    if (attribute.hasT()) {
      tensors.add(attribute.getT());
    }
    for (OnnxMl.TensorProto tensor : tensors) {
      requireTensor(name, tensor);
    }
    List<OnnxMl.GraphProto> graphs = new ArrayList<>(attribute.getGraphsList());
    if (attribute.hasG()) {
      graphs.add(attribute.getG());
    }
    for (OnnxMl.GraphProto graph : graphs) {
      requireGraph(graph, new HashSet<>(known), depth + 1);
    }
  }

  private static void requireTensor(String name, OnnxMl.TensorProto tensor)
      throws InvalidModelException {
    if (tensor.getExternalDataCount() > 0
        || tensor.getDataLocation() == OnnxMl.TensorProto.DataLocation.EXTERNAL) {
      throw new InvalidModelException(
          name + " is in another file: save the model with all data in one file");
    }
    long elements = 1;
    for (long dimension : tensor.getDimsList()) {
      if (dimension < 0 || dimension > MAX_ELEMENTS || elements * dimension > MAX_ELEMENTS) {
        throw new InvalidModelException(
            "%s has the shape %s, the limit is %d elements"
                .formatted(name, tensor.getDimsList(), MAX_ELEMENTS));
      }
      elements *= dimension;
    }
  }

  private static void requireTargets(String name, long[] targets, long count)
      throws InvalidModelException {
    for (long target : targets) {
      if (target < 0 || target >= count) {
        throw new InvalidModelException(
            "%s has %d, there are %d of them".formatted(name, target, count));
      }
    }
  }

  /** ONNX Runtime follows the nodes of a tree, and their targets, wherever they lead. */
  private static void requireTrees(Attributes attributes) throws InvalidModelException {
    int classes = attributes.labels().map(ClassLabels::count).orElse(0);
    requireTargets("class_ids", attributes.ints("class_ids"), classes);
    requireTargets("target_ids", attributes.ints("target_ids"), attributes.number("n_targets", 1));
    Node.Leaf any = new Node.Leaf(List.of(1f));
    List<List<Node>> trees = TreeTable.of(attributes).trees((row, key) -> any);
    for (int t = 0; t < trees.size(); t++) {
      Forest.requireTree("tree " + t, trees.get(t), Integer.MAX_VALUE, 1);
    }
  }
}
