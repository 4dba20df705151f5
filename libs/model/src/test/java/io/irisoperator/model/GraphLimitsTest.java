package io.irisoperator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs that could hurt are rejected by what they say, before anything runs them. */
class GraphLimitsTest {
  private static final String ML = "ai.onnx.ml";

  record Harm(String message, Consumer<OnnxMl.ModelProto.Builder> change) {
    @Override
    public String toString() {
      return message;
    }
  }

  static List<Harm> harms() {
    return List.of(
        new Harm(
            "operator Gelu of the domain com.microsoft is not supported",
            model -> {
              model.addOpsetImport(
                  OnnxMl.OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1));
              model
                  .getGraphBuilder()
                  .addNode(node("Gelu", "X", "unused").setDomain("com.microsoft"));
            }),
        new Harm(
            "it defines functions of its own (mine)",
            model -> model.addFunctions(OnnxMl.FunctionProto.newBuilder().setName("mine"))),
        new Harm(
            "operator Loop is not supported",
            model -> model.getGraphBuilder().addNode(node("Loop", "X", "unused"))),
        new Harm(
            "operator SequenceConstruct is not supported",
            model -> model.getGraphBuilder().addNode(node("SequenceConstruct", "X", "unused"))),
        new Harm(
            "operator RandomNormalLike is not supported: the same flower would get different",
            model -> model.getGraphBuilder().addNode(node("RandomNormalLike", "X", "unused"))),
        new Harm(
            "operator Dropout is not supported: the same flower would get different",
            model ->
                model
                    .getGraphBuilder()
                    .addNode(node("Dropout", "X", "unused").addInput("").addInput("X"))),
        new Harm(
            "it has more than 100000 operators and constants",
            model -> {
              for (int constant = 0; constant < 100_000; constant++) {
                model
                    .getGraphBuilder()
                    .addInitializer(TensorProto.newBuilder().setName("c" + constant));
              }
            }),
        new Harm(
            "graphs nested more than 2 deep",
            model -> model.getGraphBuilder().addNode(scan(scan(node("Identity", "X", "y"))))),
        new Harm(
            "operator If is not supported",
            model -> model.getGraphBuilder().addNode(scan(node("If", "X", "y")))),
        new Harm(
            "the constant secret is in another file: save the model with all data in one file",
            model ->
                model
                    .getGraphBuilder()
                    .addInitializer(
                        TensorProto.newBuilder()
                            .setName("secret")
                            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                            .addExternalData(
                                OnnxMl.StringStringEntryProto.newBuilder()
                                    .setKey("location")
                                    .setValue("/etc/passwd")))),
        new Harm(
            "the constant huge has the shape [65536, 65536], the limit is 16777216 elements",
            model ->
                model
                    .getGraphBuilder()
                    .addInitializer(
                        TensorProto.newBuilder().setName("huge").addDims(65536).addDims(65536))),
        new Harm(
            "value of Constant has the shape [-1], the limit is",
            model ->
                model
                    .getGraphBuilder()
                    .addNode(
                        node("Constant", "X", "unused")
                            .addAttribute(
                                AttributeProto.newBuilder()
                                    .setName("value")
                                    .setType(AttributeType.TENSOR)
                                    .setT(TensorProto.newBuilder().addDims(-1))))),
        new Harm(
            "sparse constants are not supported",
            model ->
                model
                    .getGraphBuilder()
                    .addSparseInitializer(OnnxMl.SparseTensorProto.getDefaultInstance())),
        new Harm(
            "operator Identity reads later, which no operator before it computes",
            model -> model.getGraphBuilder().addNode(0, node("Identity", "later", "later"))),
        new Harm(
            "no operator reads input petal_width: fit and export with an array",
            model ->
                model
                    .getGraphBuilder()
                    .addInput(
                        model.getGraphBuilder().getInput(0).toBuilder().setName("petal_width"))),
        new Harm(
            "operator Identity computes X, which exists already",
            model -> model.getGraphBuilder().addNode(node("Identity", "X", "X"))),
        new Harm(
            "it has 101 inputs or outputs, the limit is 64",
            model -> {
              for (int input = 0; input < 100; input++) {
                model
                    .getGraphBuilder()
                    .addInput(OnnxMl.ValueInfoProto.newBuilder().setName("input" + input));
              }
            }),
        new Harm(
            "the labels of its classes are not in the file",
            model ->
                model
                    .getGraphBuilder()
                    .addNode(
                        NodeProto.newBuilder()
                            .setOpType("Identity")
                            .addInput("")
                            .addOutput("")
                            .addOutput("loop"))
                    .setOutput(
                        0, model.getGraphBuilder().getOutput(0).toBuilder().setName("loop"))),
        new Harm(
            "class_ids has -1000000, there are 3 of them",
            model ->
                model.getGraphBuilder().getNodeBuilder(1).getAttributeBuilderList().stream()
                    .filter(a -> a.getName().equals("class_ids"))
                    .forEach(a -> a.setInts(0, -1_000_000))),
        new Harm(
            "no operator computes the output nothing",
            model ->
                model
                    .getGraphBuilder()
                    .addOutput(OnnxMl.ValueInfoProto.newBuilder().setName("nothing"))),
        new Harm(
            "operator Scaler has NaN in coefficients",
            model ->
                model
                    .getGraphBuilder()
                    .addNode(
                        node("Scaler", "X", "unused")
                            .setDomain(ML)
                            .addAttribute(
                                AttributeProto.newBuilder()
                                    .setName("coefficients")
                                    .addFloats(Float.NaN)))),
        new Harm(
            "tree 0 node 1 has 2 parents",
            model ->
                model.getGraphBuilder().getNodeBuilder(1).getAttributeBuilderList().stream()
                    .filter(a -> a.getName().equals("nodes_falsenodeids"))
                    .forEach(a -> a.setInts(0, 1))));
  }

  private static NodeProto.Builder node(String operator, String input, String output) {
    return NodeProto.newBuilder().setOpType(operator).addInput(input).addOutput(output);
  }

  private static NodeProto.Builder scan(NodeProto.Builder body) {
    return node("Scan", "X", "unused")
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeType.GRAPH)
                .setG(OnnxMl.GraphProto.newBuilder().addNode(body)));
  }

  @ParameterizedTest
  @MethodSource("harms")
  void namesWhatIsNotAllowed(Harm harm) throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(scalerAndForest()).toBuilder();
    harm.change().accept(model);
    assertThatThrownBy(() -> OnnxReader.read(model.build().toByteArray()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(harm.message());
  }

  @Test
  void standardOperatorsAreAllowedByEitherNameOfTheirDomain() throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(scalerAndForest()).toBuilder();
    model
        .getGraphBuilder()
        .addNode(node("ReverseSequence", "X", "reversed").setDomain("ai.onnx").addInput("X"));
    assertThat(OnnxReader.read(model.build().toByteArray()).labels())
        .isEqualTo(ClassLabels.positions(3));
  }

  /** A chain of operators may be as long as a file allows: nothing follows it by recursion. */
  @Test
  void aChainOfOperatorsMayBeLong() throws Exception {
    OnnxMl.ModelProto.Builder model = OnnxMl.ModelProto.parseFrom(scalerAndForest()).toBuilder();
    OnnxMl.GraphProto.Builder graph = model.getGraphBuilder();
    String label = graph.getOutput(0).getName();
    for (int link = 0; link < 50_000; link++) {
      graph.addNode(node("Identity", link == 0 ? label : "link" + (link - 1), "link" + link));
    }
    graph.getOutputBuilder(0).setName("link49999");
    assertThat(OnnxReader.read(model.build().toByteArray()).labels())
        .isEqualTo(ClassLabels.positions(3));
  }

  @Property(tries = 5_000)
  void readsOrRejectsFlippedBytes(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = Integer.MAX_VALUE) Integer> places,
      @ForAll byte value)
      throws Exception {
    byte[] file = scalerAndForest();
    places.forEach(place -> file[place % file.length] = value);
    try {
      assertThat(OnnxReader.read(file)).isNotNull();
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }

  /** A stump behind a Scaler, which makes it a graph. */
  private static byte[] scalerAndForest() throws Exception {
    OnnxMl.ModelProto.Builder model =
        OnnxMl.ModelProto.parseFrom(BrokenFileTest.good()).toBuilder();
    model
        .getGraphBuilder()
        .addNode(
            0,
            node("Scaler", "X", "scaled")
                .setDomain(ML)
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("scale")
                        .setType(AttributeType.FLOATS)
                        .addFloats(1)))
        .getNodeBuilder(1)
        .setInput(0, "scaled");
    assertThat(OnnxReader.read(model.build().toByteArray())).isInstanceOf(OnnxGraph.class);
    return model.build().toByteArray();
  }
}
