package io.irisoperator.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A forest gives the results of ONNX Runtime on its file, bit for bit. */
class OnnxRuntimeTest {
  private static final int ROWS = 32;

  @ParameterizedTest
  @EnumSource(Precision.class)
  void equalsOnnxRuntimeOnThousandsOfSmallForests(Precision precision) throws Exception {
    RandomGenerator random = RandomGenerator.of("L64X128MixRandom");
    for (int i = 0; i < 5_000; i++) {
      var forests = new RandomForests(random, 1 + random.nextInt(6), 3 + random.nextInt(4));
      requireSame(forests, precision, 1 + random.nextInt(12), random.nextInt(8));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,0", "1,1", "1,30", "2,30", "100,10", "1000,1", "1000,12", "1000,30"})
  void equalsOnnxRuntimeFromOneNodeToAThousandDeepTrees(int trees, int depth) throws Exception {
    var forests = new RandomForests(RandomGenerator.getDefault(), 4, 3);
    requireSame(forests, Precision.FLOAT32, trees, depth);
    requireSame(forests, Precision.FLOAT64, trees, depth);
  }

  @Test
  void rowsOnAThresholdGoLeft() throws Exception {
    Forest forest =
        Forest.of(
            Precision.FLOAT32,
            1,
            3,
            List.of(
                List.of(
                    new Node.Split(0, 2.45f, false, 1, 2),
                    new Node.Leaf(List.of(1f, 0f, 0f)),
                    new Node.Leaf(List.of(0f, 1f, 0f)))));
    double[][] rows = {{2.45f}, {Math.nextUp(2.45f)}, {Math.nextDown(2.45f)}, {Double.NaN}, {-0.0}};
    requireSame(forest, rows);
    assertThat(forest.predict(rows[0], new float[3])).isZero();
    assertThat(forest.predict(rows[1], new float[3])).isEqualTo(1);
  }

  /** One long chain of splits, all on the same threshold: too deep for recursion. */
  @Test
  void aTreeMayBeAChain() throws Exception {
    List<Node> chain = new ArrayList<>();
    int splits = 50_000;
    for (int i = 0; i < splits; i++) {
      chain.add(new Node.Split(0, 1f, false, 2 * i + 1, 2 * i + 2));
      chain.add(new Node.Leaf(List.of(1f, 0f, 0f)));
    }
    chain.add(new Node.Leaf(List.of(0f, 1f, 0f)));
    Evaluator evaluator = new Evaluator(Forest.of(Precision.FLOAT32, 1, 3, List.of(chain)));
    assertThat(evaluator.predict(new double[] {1}, new float[3])).isZero();
    assertThat(evaluator.predict(new double[] {2}, new float[3])).isEqualTo(1);
  }

  private static void requireSame(RandomForests forests, Precision precision, int trees, int depth)
      throws Exception {
    double[][] rows = new double[ROWS][];
    Arrays.setAll(rows, i -> forests.row(precision));
    requireSame(forests.forest(precision, trees, depth), rows);
  }

  private static void requireSame(Forest forest, double[][] rows) throws Exception {
    byte[] file = OnnxWriter.write(OnnxForest.of(forest));
    Forest read = ((OnnxForest) OnnxReader.read(file)).forest();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      try (OrtSession session = environment.createSession(file, options);
          OnnxTensor input = tensor(environment, forest.precision(), rows);
          OrtSession.Result result = session.run(Map.of(OnnxWriter.INPUT, input))) {
        long[] labels = (long[]) result.get(0).getValue();
        float[][] expected = (float[][]) result.get(1).getValue();
        for (int r = 0; r < rows.length; r++) {
          float[] answer = new float[forest.classCount()];
          int label = read.predict(rows[r], answer);
          assertThat(answer).as("row %s", Arrays.toString(rows[r])).isEqualTo(expected[r]);
          assertThat(label).as("row %s", Arrays.toString(rows[r])).isEqualTo((int) labels[r]);
        }
        requireSame(read, rows, labels, expected);
      }
    }
  }

  /** Row by row and all at once; rows without NaN also separately, as the table evaluates them. */
  private static void requireSame(
      Forest forest, double[][] rows, long[] labels, float[][] expected) {
    Evaluator evaluator = new Evaluator(forest);
    float[] answer = new float[forest.classCount()];
    for (int r = 0; r < rows.length; r++) {
      assertThat(evaluator.predict(rows[r], answer)).isEqualTo((int) labels[r]);
      assertThat(answer).as("row %s", Arrays.toString(rows[r])).isEqualTo(expected[r]);
    }
    int[] all = IntStream.range(0, rows.length).toArray();
    requireSame(evaluator, rows, labels, expected, all);
    int[] ordered =
        Arrays.stream(all).filter(r -> Arrays.stream(rows[r]).noneMatch(Double::isNaN)).toArray();
    requireSame(evaluator, rows, labels, expected, ordered);
  }

  private static void requireSame(
      Evaluator evaluator, double[][] rows, long[] labels, float[][] expected, int[] which) {
    int classes = expected[0].length;
    double[] flat =
        Arrays.stream(which).mapToObj(r -> rows[r]).flatMapToDouble(Arrays::stream).toArray();
    float[] answers = new float[which.length * classes];
    int[] predicted = new int[which.length];
    evaluator.predict(flat, which.length, answers, predicted);
    for (int i = 0; i < which.length; i++) {
      assertThat(predicted[i]).isEqualTo((int) labels[which[i]]);
      assertThat(Arrays.copyOfRange(answers, i * classes, (i + 1) * classes))
          .as("row %s", Arrays.toString(rows[which[i]]))
          .isEqualTo(expected[which[i]]);
    }
  }

  private static OnnxTensor tensor(OrtEnvironment environment, Precision precision, double[][] rows)
      throws OrtException {
    if (precision == Precision.FLOAT64) {
      return OnnxTensor.createTensor(environment, rows);
    }
    float[][] floats = new float[rows.length][rows[0].length];
    for (int r = 0; r < rows.length; r++) {
      for (int f = 0; f < rows[r].length; f++) {
        floats[r][f] = (float) rows[r][f];
      }
    }
    return OnnxTensor.createTensor(environment, floats);
  }
}
