package io.irisoperator.server.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.irisoperator.model.ClassLabels;
import io.irisoperator.model.Classifier;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.Iris;
import io.irisoperator.model.OnnxGraph;
import io.irisoperator.model.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Predicts with a graph in ONNX Runtime, on the thread that asks. Thread-safe. The library is
 * loaded with the first graph, so that a forest's server never has it in memory.
 */
final class OnnxRuntimeClassifier implements Classifier {
  /** Rows like those of users, on which a model must give what it promises. */
  private static final double[] TRIAL_ROWS = {
    5.1, 3.5, 1.4, 0.2, 7.0, 3.2, 4.7, 1.4, 6.3, 3.3, 6.0, 2.5, 5.8, 2.7, 5.1, 1.9
  };

  /** Sums of probabilities in float32, as classifiers normalize them, differ from 1 by less. */
  private static final double TOLERANCE = 1e-3;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final OnnxGraph graph;
  private final Schema schema;
  private final Set<String> outputs;

  private OnnxRuntimeClassifier(
      OrtEnvironment environment, OrtSession session, OnnxGraph graph, Schema schema) {
    this.environment = environment;
    this.session = session;
    this.graph = graph;
    this.schema = schema;
    this.outputs =
        Stream.concat(Stream.of(graph.labelOutput()), probabilityOutputs(graph).stream())
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Loads a graph and tries it.
   *
   * @throws InvalidModelException if ONNX Runtime rejects it, or if it does not give one of its
   *     labels and a probability for each class
   */
  static OnnxRuntimeClassifier open(OnnxGraph graph, Schema schema, List<GoldenRow> goldenRows)
      throws InvalidModelException {
    OrtEnvironment environment = environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      // It would keep the memory of the largest request.
      options.setCPUArenaAllocator(false);
      OrtSession session = environment.createSession(graph.file(), options);
      try {
        OnnxRuntimeClassifier opened =
            new OnnxRuntimeClassifier(environment, session, graph, schema);
        opened.tryRows();
        for (GoldenRow row : goldenRows) {
          row.requireFrom(opened);
        }
        return opened;
      } catch (InvalidModelException | RuntimeException e) {
        // Loading is retried: each session has memory that the JVM does not collect.
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw new InvalidModelException("ONNX Runtime rejects the model: " + e.getMessage(), e);
    }
  }

  /** Loads the library, which is unpacked to the folder for temporary files. */
  private static OrtEnvironment environment() throws InvalidModelException {
    try {
      return OrtEnvironment.getEnvironment();
    } catch (LinkageError e) {
      throw new InvalidModelException("ONNX Runtime cannot be loaded: " + e, e);
    }
  }

  @Override
  public int predict(double[] row, float[] probabilities) {
    int[] labels = new int[1];
    predict(row, 1, probabilities, labels);
    return labels[0];
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if ONNX Runtime fails, or the graph gives none of its labels
   */
  @Override
  public void predict(double[] rows, int count, float[] probabilities, int[] labels) {
    // Not every graph takes no rows.
    if (count > 0) {
      try {
        run(rows, count, probabilities, labels);
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime cannot predict: " + e.getMessage(), e);
      }
    }
  }

  /** One row at a time and all together: some graphs have a fixed number of rows. */
  private void tryRows() throws InvalidModelException {
    int features = Iris.FEATURES.size();
    int count = TRIAL_ROWS.length / features;
    int classes = schema.classCount();
    for (int rows : new int[] {1, count}) {
      float[] probabilities = new float[rows * classes];
      try {
        predict(TRIAL_ROWS, rows, probabilities, new int[rows]);
      } catch (IllegalStateException e) {
        throw new InvalidModelException(
            "a trial prediction of %d rows failed: %s".formatted(rows, e.getMessage()), e);
      }
      for (int row = 0; row < rows; row++) {
        double sum = 0;
        List<Float> given = new ArrayList<>();
        for (int c = 0; c < classes; c++) {
          float probability = probabilities[row * classes + c];
          given.add(probability);
          sum += probability;
        }
        if (Double.isNaN(sum)) {
          throw new InvalidModelException(
              "the model gives %s for a flower: its computation divides by zero or overflows"
                  .formatted(given));
        }
        if (Math.abs(sum - 1) > TOLERANCE
            || given.stream().anyMatch(p -> p < -TOLERANCE || p > 1 + TOLERANCE)) {
          throw new InvalidModelException(
              "the model gives %s for a flower, which are no probabilities: use a classifier with predict_proba, such as SVC(probability=True) or CalibratedClassifierCV; if it has that, export it in another precision"
                  .formatted(given));
        }
      }
    }
  }

  private void run(double[] rows, int count, float[] probabilities, int[] labels)
      throws OrtException {
    try (InputTensors inputs = InputTensors.of(environment, graph, schema, rows, count);
        OrtSession.Result result = session.run(inputs.byName(), outputs)) {
      readLabels(tensor(result, graph.labelOutput()), count, labels);
      List<String> names = probabilityOutputs(graph);
      int classes = schema.classCount();
      for (int column = 0; column < names.size(); column++) {
        // A matrix has all classes; each of several outputs has one.
        int width = names.size() == 1 ? classes : 1;
        float[] values = floats(tensor(result, names.get(column)), count * width);
        for (int row = 0; row < count; row++) {
          System.arraycopy(values, row * width, probabilities, row * classes + column, width);
        }
      }
    }
  }

  private static List<String> probabilityOutputs(OnnxGraph graph) {
    return switch (graph.probabilities()) {
      case OnnxGraph.Probabilities.Matrix(String output) -> List.of(output);
      case OnnxGraph.Probabilities.Columns(List<String> columns) -> columns;
    };
  }

  private static OnnxTensor tensor(OrtSession.Result result, String name) {
    return result
        .get(name)
        .filter(OnnxTensor.class::isInstance)
        .map(OnnxTensor.class::cast)
        .orElseThrow(() -> new IllegalStateException("output " + name + " is not a tensor"));
  }

  private void readLabels(OnnxTensor tensor, int count, int[] labels) throws OrtException {
    requireSize(tensor, count);
    switch (schema.labels()) {
      case ClassLabels.Int64(List<Long> values) -> {
        var given = tensor.getLongBuffer();
        if (given == null) {
          throw new IllegalStateException("the labels are not int64");
        }
        for (int row = 0; row < count; row++) {
          labels[row] = index(values, given.get(row));
        }
      }
      case ClassLabels.Text(List<String> values) -> {
        Object given = tensor.getValue();
        for (int row = 0; row < count; row++) {
          labels[row] =
              index(
                  values,
                  given instanceof String[] list
                      ? list[row]
                      : given instanceof String[][] table
                          ? table[table.length == 1 ? 0 : row][table.length == 1 ? row : 0]
                          : given);
        }
      }
    }
  }

  private static int index(List<?> labels, Object given) {
    int index = labels.indexOf(given);
    if (index < 0) {
      throw new IllegalStateException(
          "the model gives the label %s, which is none of its classes %s".formatted(given, labels));
    }
    return index;
  }

  private static float[] floats(OnnxTensor tensor, int size) throws OrtException {
    requireSize(tensor, size);
    float[] values = new float[size];
    switch (tensor.getInfo().type) {
      case FLOAT -> tensor.getFloatBuffer().get(values);
      case DOUBLE -> {
        var doubles = tensor.getDoubleBuffer();
        for (int i = 0; i < size; i++) {
          values[i] = (float) doubles.get(i);
        }
      }
      default -> throw new IllegalStateException("the probabilities are not floats");
    }
    return values;
  }

  private static void requireSize(OnnxTensor tensor, int size) {
    if (tensor.getInfo().getNumElements() != size) {
      throw new IllegalStateException(
          "an output has %d values, want %d".formatted(tensor.getInfo().getNumElements(), size));
    }
  }
}
