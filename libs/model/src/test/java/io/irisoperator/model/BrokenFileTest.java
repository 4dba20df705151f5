package io.irisoperator.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Invalid files are rejected with a message that names the error; none crashes or hangs. */
class BrokenFileTest {
  private static final byte[] GOOD = good();

  record Breakage(String attribute, Consumer<AttributeProto.Builder> change, String message) {
    @Override
    public String toString() {
      return attribute + ": " + message;
    }
  }

  static List<Breakage> breakages() {
    return List.of(
        new Breakage("nodes_truenodeids", a -> a.setInts(0, 0), "tree 0 node 0 has 1 parents"),
        new Breakage(
            "nodes_falsenodeids", a -> a.setInts(0, 9), "has child 9, which does not exist"),
        new Breakage("nodes_falsenodeids", a -> a.setInts(0, 1), "has 2 parents"),
        new Breakage(
            "nodes_featureids",
            a -> a.setInts(0, 4),
            "splits on feature 4, the features are 0 to 3"),
        new Breakage("nodes_featureids", a -> a.setInts(0, 1L << 32), "splits on feature -1"),
        new Breakage("nodes_values", a -> a.setFloats(0, Float.NaN), "has the threshold NaN"),
        new Breakage("nodes_values", a -> a.addFloats(1), "nodes_values has 4 entries, expected 3"),
        new Breakage("nodes_nodeids", a -> a.setInts(1, 2), "lists node 2 twice"),
        new Breakage(
            "nodes_modes",
            a -> a.setStrings(2, ByteString.copyFromUtf8("BRANCH_LEQ")),
            "has class weights but is not a leaf"),
        new Breakage("class_weights", a -> a.setFloats(0, Float.NaN), "has weight NaN"),
        new Breakage("class_weights", a -> a.setFloats(0, -1), "has weight -1.0"),
        new Breakage(
            "class_weights", a -> a.setFloats(0, Float.POSITIVE_INFINITY), "has weight Infinity"),
        new Breakage("class_weights", a -> a.setFloats(0, 0), "has only zero weights"),
        new Breakage(
            "class_ids", a -> a.setInts(0, 3), "weight for class 3, the classes are 0 to 2"),
        new Breakage("class_ids", a -> a.setInts(1, 0), "has two weights for class 0"),
        new Breakage("class_treeids", a -> a.setInts(0, 7), "tree 7 node 1, which does not exist"),
        new Breakage(
            "class_nodeids", a -> a.clearInts(), "class_nodeids has 0 entries, expected 6"),
        new Breakage(
            "classlabels_int64s", a -> a.clearInts(), "0 classes, only 3 to 64 are supported"),
        new Breakage("nodes_treeids", a -> a.clearInts(), "expected 0"));
  }

  @ParameterizedTest
  @MethodSource("breakages")
  void namesAnInvalidAttribute(Breakage breakage) throws Exception {
    var model = OnnxMl.ModelProto.parseFrom(GOOD).toBuilder();
    model.getGraphBuilder().getNodeBuilder(0).getAttributeBuilderList().stream()
        .filter(a -> a.getName().equals(breakage.attribute()))
        .forEach(breakage.change());
    assertRejected(model.build().toByteArray(), breakage.message());
  }

  @Test
  void rejectsACycleApartFromTheRoot() {
    Node leaf = new Node.Leaf(List.of(1f, 0f, 0f));
    List<Node> nodes =
        List.of(
            new Node.Split(0, 1f, false, 1, 2),
            leaf,
            leaf,
            new Node.Split(0, 1f, false, 4, 5),
            new Node.Split(0, 1f, false, 3, 6),
            leaf,
            leaf);
    assertThatThrownBy(() -> Forest.of(Precision.FLOAT32, 4, 3, List.of(nodes)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("cycle");
  }

  @Test
  void aForestMayReadAnInputThatIsCastToItsOwnType() throws Exception {
    assertThat(read(withCast(OnnxMl.TensorProto.DataType.FLOAT_VALUE)).forest().precision())
        .isEqualTo(Precision.FLOAT32);
  }

  @Test
  void aForestAfterACastThatChangesComparisonsIsAGraph() throws Exception {
    for (int type :
        List.of(
            OnnxMl.TensorProto.DataType.INT64_VALUE, OnnxMl.TensorProto.DataType.DOUBLE_VALUE)) {
      assertThat(OnnxReader.read(withCast(type))).isInstanceOf(OnnxGraph.class);
    }
  }

  /** The good file with its input cast before the classifier reads it. */
  private static byte[] withCast(int type) throws Exception {
    var model = OnnxMl.ModelProto.parseFrom(GOOD).toBuilder();
    model.getGraphBuilder().getNodeBuilder(0).setInput(0, "cast");
    model
        .getGraphBuilder()
        .addNode(
            0,
            OnnxMl.NodeProto.newBuilder()
                .setOpType("Cast")
                .addInput(OnnxWriter.INPUT)
                .addOutput("cast")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("to")
                        .setType(AttributeProto.AttributeType.INT)
                        .setI(type)));
    return model.build().toByteArray();
  }

  @Test
  void rejectsText() {
    assertRejected("<html>404</html>".getBytes(UTF_8), "not an ONNX file");
    assertRejected(new byte[0], "not an ONNX file");
  }

  @Test
  void rejectsEveryTruncation() {
    for (int length = 0; length < GOOD.length; length++) {
      assertRejected(Arrays.copyOf(GOOD, length), "");
    }
  }

  @Test
  void rejectsAClaimOfTwoGigabytesInAKilobyte() {
    byte[] file = new byte[1024];
    // Field 7 (graph), length-delimited, with the largest length that a varint int holds.
    byte[] claim = {0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07};
    System.arraycopy(claim, 0, file, 0, claim.length);
    assertRejected(file, "not an ONNX file, or a truncated one");
  }

  @Test
  void rejectsAClaimOfManyFeatures() throws Exception {
    var model = OnnxMl.ModelProto.parseFrom(GOOD).toBuilder();
    model
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(1)
        .setDimValue(1L << 40);
    assertRejected(model.build().toByteArray(), "1 to 1024 features");
  }

  @Property(tries = 5_000)
  void readsOrRejectsFlippedBytes(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = Integer.MAX_VALUE) Integer> places,
      @ForAll byte value) {
    byte[] file = GOOD.clone();
    places.forEach(place -> file[place % file.length] = value);
    assertReadOrRejected(file);
  }

  @Property(tries = 5_000)
  void rejectsNoise(@ForAll byte @Size(max = 2048) [] noise) {
    assertReadOrRejected(noise);
  }

  private static OnnxForest read(byte[] file) throws InvalidModelException {
    return (OnnxForest) OnnxReader.read(file);
  }

  private static void assertReadOrRejected(byte[] file) {
    try {
      if (OnnxReader.read(file)
          instanceof OnnxForest(Forest forest, ClassLabels _, OnnxMetadata _)) {
        forest.predict(new double[forest.featureCount()], new float[forest.classCount()]);
      }
    } catch (InvalidModelException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }

  private static void assertRejected(byte[] file, String message) {
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message);
  }

  /** A stump: a split at node 0, two leaves. */
  static byte[] good() {
    try {
      Forest forest =
          Forest.of(
              Precision.FLOAT32,
              4,
              3,
              List.of(
                  List.of(
                      new Node.Split(2, 2.45f, false, 1, 2),
                      new Node.Leaf(List.of(1f, 0f, 0f)),
                      new Node.Leaf(List.of(0f, .5f, .5f)))));
      return OnnxWriter.write(OnnxForest.of(forest));
    } catch (InvalidModelException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readsWhatItWrote() throws Exception {
    Forest forest =
        new RandomForests(RandomGenerator.getDefault(), 4, 3).forest(Precision.FLOAT32, 20, 6);
    OnnxForest written =
        new OnnxForest(
            forest,
            new ClassLabels.Text(List.of("a", "b", "c")),
            new OnnxMetadata(Map.of("key", "value")));
    byte[] file = OnnxWriter.write(written);
    OnnxForest read = read(file);
    assertThat(read.forest().trees()).isEqualTo(forest.trees());
    assertThat(read.labels()).isEqualTo(written.labels());
    assertThat(read.metadata()).isEqualTo(written.metadata());
    assertThat(OnnxWriter.write(read)).isEqualTo(file);
  }
}
