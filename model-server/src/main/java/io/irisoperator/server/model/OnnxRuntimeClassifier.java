package io.irisoperator.server.model;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.irisoperator.model.ClassLabels;
import io.irisoperator.model.Classifier;
import io.irisoperator.model.GoldenRow;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.Iris;
import io.irisoperator.model.OnnxGraph;
import io.irisoperator.model.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
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

  /** Memory for more rows is not kept. */
  private static final int MAX_KEPT_ROWS = 4096;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final OnnxGraph graph;
  private final Schema schema;
  private final List<String> probabilityOutputs;
  private final RowTensors.Layout layout;
  private final long[] integerLabels;

  /** The outputs that ONNX Runtime has to create tensors for. */
  private final Set<String> created;

  /** Tensors that no thread uses, for one row and for batches. */
  private final Queue<RowTensors> idleForOne = new ConcurrentLinkedQueue<>();

  private final Queue<RowTensors> idleForBatches = new ConcurrentLinkedQueue<>();

  private OnnxRuntimeClassifier(
      OrtEnvironment environment,
      OrtSession session,
      OnnxGraph graph,
      Schema schema,
      RowTensors.Layout layout) {
    this.environment = environment;
    this.session = session;
    this.graph = graph;
    this.schema = schema;
    this.probabilityOutputs = probabilityOutputs(graph);
    this.layout = layout;
    this.integerLabels =
        schema.labels() instanceof ClassLabels.Int64(List<Long> values)
            ? values.stream().mapToLong(Long::longValue).toArray()
            : new long[0];
    this.created =
        Stream.concat(Stream.of(graph.labelOutput()), probabilityOutputs.stream())
            .filter(output -> !layout.labels().contains(output))
            .filter(output -> !layout.probabilities().contains(output))
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
        OnnxRuntimeClassifier tried =
            new OnnxRuntimeClassifier(environment, session, graph, schema, layout(graph, schema));
        tried.tryRows();
        OnnxRuntimeClassifier opened = tried.withTensorsForOutputs();
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

  /** The inputs; nothing is known of the outputs yet. */
  private static RowTensors.Layout layout(OnnxGraph graph, Schema schema) {
    List<Integer> columns = schema.features().stream().map(Iris.FEATURES::indexOf).toList();
    // A matrix has all classes; each of several outputs has one.
    int width = probabilityOutputs(graph).size() == 1 ? schema.classCount() : 1;
    return new RowTensors.Layout(graph.inputs(), columns, List.of(), List.of(), width);
  }

  /** One that creates tensors for the outputs beforehand, or this one if that does not work. */
  private OnnxRuntimeClassifier withTensorsForOutputs() throws OrtException {
    OnnxRuntimeClassifier faster =
        new OnnxRuntimeClassifier(environment, session, graph, schema, layoutOfOutputs());
    try {
      faster.tryRows();
      return faster;
    } catch (InvalidModelException e) {
      // Some files declare another number of rows than they give. Only such tensors are held to it.
      return this;
    }
  }

  /** With the outputs that are, for some rows, what tensors can be created for beforehand. */
  private RowTensors.Layout layoutOfOutputs() throws OrtException {
    int count = TRIAL_ROWS.length / Iris.FEATURES.size();
    try (RowTensors tensors = new RowTensors(environment, layout, count)) {
      tensors.write(TRIAL_ROWS, count);
      try (OrtSession.Result result = session.run(tensors.inputs(), created)) {
        TensorInfo label = tensor(result, graph.labelOutput()).getInfo();
        boolean number =
            label.type == OnnxJavaType.INT64 && Arrays.equals(label.getShape(), new long[] {count});
        boolean floats = true;
        for (String output : probabilityOutputs) {
          TensorInfo info = tensor(result, output).getInfo();
          floats &=
              info.type == OnnxJavaType.FLOAT
                  && Arrays.equals(info.getShape(), new long[] {count, layout.width()});
        }
        return new RowTensors.Layout(
            layout.inputs(),
            layout.columns(),
            number ? List.of(graph.labelOutput()) : List.of(),
            floats ? probabilityOutputs : List.of(),
            layout.width());
      }
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
    Queue<RowTensors> idle = count == 1 ? idleForOne : idleForBatches;
    RowTensors tensors = take(idle, count);
    boolean reusable = false;
    try {
      tensors.write(rows, count);
      try (OrtSession.Result result = session.run(tensors.inputs(), created, tensors.outputs())) {
        readLabels(tensors, result, count, labels);
        readProbabilities(tensors, result, count, probabilities);
      }
      reusable = count <= MAX_KEPT_ROWS;
    } finally {
      if (reusable) {
        idle.add(tensors);
      } else {
        tensors.close();
      }
    }
  }

  private RowTensors take(Queue<RowTensors> idle, int count) {
    RowTensors tensors = idle.poll();
    if (tensors != null && tensors.capacity() >= count) {
      return tensors;
    }
    if (tensors != null) {
      tensors.close();
    }
    return new RowTensors(environment, layout, count);
  }

  private void readProbabilities(
      RowTensors tensors, OrtSession.Result result, int count, float[] probabilities)
      throws OrtException {
    int classes = schema.classCount();
    if (!layout.probabilities().isEmpty()) {
      tensors.readProbabilities(probabilities, classes);
      return;
    }
    int width = layout.width();
    for (int output = 0; output < probabilityOutputs.size(); output++) {
      float[] values = floats(tensor(result, probabilityOutputs.get(output)), count * width);
      for (int row = 0; row < count; row++) {
        System.arraycopy(values, row * width, probabilities, row * classes + output, width);
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

  private void readLabels(RowTensors tensors, OrtSession.Result result, int count, int[] labels)
      throws OrtException {
    if (!layout.labels().isEmpty()) {
      for (int row = 0; row < count; row++) {
        labels[row] = index(tensors.label(row));
      }
      return;
    }
    OnnxTensor tensor = tensor(result, graph.labelOutput());
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

  /** Without an object for each row. */
  private int index(long given) {
    for (int index = 0; index < integerLabels.length; index++) {
      if (integerLabels[index] == given) {
        return index;
      }
    }
    return index(schema.labels().values(), given);
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
