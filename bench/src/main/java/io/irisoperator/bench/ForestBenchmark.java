package io.irisoperator.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.irisoperator.model.Evaluator;
import io.irisoperator.model.Forest;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxReader;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Nanoseconds for a row. The model and the rows are a file's: {@code -Dmodel=…/model.onnx
 * -Drows=…/iris_test.csv}. Each row is another one, so that no branch is predicted from the last.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ForestBenchmark {
  private static final int ROWS = 1000;
  private static final int FEATURES = 4;
  private static final int CLASSES = 3;

  private final double[][] rows = new double[ROWS][FEATURES];
  private final double[] flat = new double[ROWS * FEATURES];
  private final float[] probabilities = new float[CLASSES];
  private final float[] all = new float[ROWS * CLASSES];
  private final int[] labels = new int[ROWS];
  private Forest forest;
  private Evaluator evaluator;
  private OrtSession session;
  private int turn;

  @Setup
  public void load() throws Exception {
    byte[] file = Files.readAllBytes(Path.of(System.getProperty("model")));
    forest = ((OnnxForest) OnnxReader.read(file)).forest();
    evaluator = new Evaluator(forest);
    List<String> lines = Files.readAllLines(Path.of(System.getProperty("rows")));
    for (int r = 0; r < ROWS; r++) {
      String[] cells = lines.get(1 + r % (lines.size() - 1)).split(",", -1);
      for (int f = 0; f < FEATURES; f++) {
        rows[r][f] = Double.parseDouble(cells[f]);
        flat[r * FEATURES + f] = rows[r][f];
      }
    }
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    session = OrtEnvironment.getEnvironment().createSession(file, options);
  }

  @TearDown
  public void close() throws OrtException {
    session.close();
  }

  private double[] next() {
    turn = (turn + 1) % ROWS;
    return rows[turn];
  }

  @Benchmark
  public int oneRow() {
    return evaluator.predict(next(), probabilities);
  }

  @Benchmark
  public int oneRowPlainly() {
    return forest.predict(next(), probabilities);
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public int[] aThousandRows() {
    evaluator.predict(flat, ROWS, all, labels);
    return labels;
  }

  @Benchmark
  public Object oneRowByOnnxRuntime() throws OrtException {
    double[] row = next();
    float[] floats = new float[FEATURES];
    for (int f = 0; f < FEATURES; f++) {
      floats[f] = (float) row[f];
    }
    return run(floats, 1);
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public Object aThousandRowsByOnnxRuntime() throws OrtException {
    float[] floats = new float[ROWS * FEATURES];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) flat[i];
    }
    return run(floats, ROWS);
  }

  private Object run(float[] values, int count) throws OrtException {
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                FloatBuffer.wrap(values),
                new long[] {count, FEATURES});
        OrtSession.Result result =
            session.run(Map.of(session.getInputNames().iterator().next(), input))) {
      return result.get(0).getValue();
    }
  }
}
