package io.irisoperator.server.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.irisoperator.model.OnnxGraph;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors that a graph reads rows from, and those that ONNX Runtime writes its answers to, in
 * memory that is used again: to create them costs more than many a prediction. For one thread at a
 * time.
 */
final class RowTensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Layout layout;
  private final int[] columns;
  private final int capacity;
  private final ByteBuffer[] inputMemory;
  private final LongBuffer labelMemory;
  private final FloatBuffer[] probabilityMemory;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private int count;

  /**
   * What the tensors of a graph are like.
   *
   * @param columns the indexes of the features in a row, in the order of the model's columns
   * @param labels the label output, if ONNX Runtime can write it to a tensor of these: int64, a
   *     number for each row
   * @param probabilities the probability outputs, if it can: float32, {@code width} for each row
   * @param width the number of probabilities of a row in each of those outputs
   */
  record Layout(
      List<OnnxGraph.Input> inputs,
      List<Integer> columns,
      List<String> labels,
      List<String> probabilities,
      int width) {
    Layout {
      inputs = List.copyOf(inputs);
      columns = List.copyOf(columns);
      labels = List.copyOf(labels);
      probabilities = List.copyOf(probabilities);
    }

    /** The number of columns in each input. */
    int columnsOfInput() {
      return columns.size() / inputs.size();
    }
  }

  RowTensors(OrtEnvironment environment, Layout layout, int capacity) {
    this.environment = environment;
    this.layout = layout;
    this.columns = layout.columns().stream().mapToInt(Integer::intValue).toArray();
    this.capacity = capacity;
    this.inputMemory = new ByteBuffer[layout.inputs().size()];
    for (int i = 0; i < inputMemory.length; i++) {
      inputMemory[i] = memory(layout.columnsOfInput() * Long.BYTES);
    }
    this.labelMemory = memory(Long.BYTES).asLongBuffer();
    this.probabilityMemory = new FloatBuffer[layout.probabilities().size()];
    for (int i = 0; i < probabilityMemory.length; i++) {
      probabilityMemory[i] = memory(layout.width() * Float.BYTES).asFloatBuffer();
    }
  }

  private ByteBuffer memory(int bytesOfRow) {
    return ByteBuffer.allocateDirect(capacity * bytesOfRow).order(ByteOrder.nativeOrder());
  }

  int capacity() {
    return capacity;
  }

  /** Those with the rows that were written last. */
  Map<String, OnnxTensor> inputs() {
    return inputs;
  }

  /** Those for the answers to these rows. */
  Map<String, OnnxTensor> outputs() {
    return outputs;
  }

  /** The label of a row; the layout has labels. */
  long label(int row) {
    return labelMemory.get(row);
  }

  /**
   * Reads the probabilities of all rows.
   *
   * @param into receives one for each class, row by row
   * @param classes the number of classes
   */
  void readProbabilities(float[] into, int classes) {
    for (int output = 0; output < probabilityMemory.length; output++) {
      FloatBuffer memory = probabilityMemory[output];
      if (layout.width() == classes) {
        memory.get(0, into, 0, count * classes);
      } else {
        for (int row = 0; row < count; row++) {
          into[row * classes + output] = memory.get(row);
        }
      }
    }
  }

  /** Writes rows of all features into the inputs; no more than the capacity. */
  void write(double[] rows, int rowCount) throws OrtException {
    if (rowCount != count) {
      create(rowCount);
    }
    for (int input = 0; input < inputMemory.length; input++) {
      switch (layout.inputs().get(input).type()) {
        case FLOAT32 -> writeFloats(rows, rowCount, input);
        case FLOAT64 -> writeDoubles(rows, rowCount, input);
        case INT64 -> writeLongs(rows, rowCount, input);
      }
    }
  }

  // A loop for each type: one that asks for the type of each value takes as long as the prediction.

  private void writeFloats(double[] rows, int rowCount, int input) {
    FloatBuffer memory = inputMemory[input].asFloatBuffer();
    int width = layout.columnsOfInput();
    for (int c = 0; c < width; c++) {
      int feature = columns[input * width + c];
      for (int row = 0; row < rowCount; row++) {
        memory.put(row * width + c, (float) rows[row * columns.length + feature]);
      }
    }
  }

  private void writeDoubles(double[] rows, int rowCount, int input) {
    DoubleBuffer memory = inputMemory[input].asDoubleBuffer();
    int width = layout.columnsOfInput();
    for (int c = 0; c < width; c++) {
      int feature = columns[input * width + c];
      for (int row = 0; row < rowCount; row++) {
        memory.put(row * width + c, rows[row * columns.length + feature]);
      }
    }
  }

  private void writeLongs(double[] rows, int rowCount, int input) {
    LongBuffer memory = inputMemory[input].asLongBuffer();
    int width = layout.columnsOfInput();
    for (int c = 0; c < width; c++) {
      int feature = columns[input * width + c];
      for (int row = 0; row < rowCount; row++) {
        memory.put(row * width + c, (long) rows[row * columns.length + feature]);
      }
    }
  }

  private void create(int rowCount) throws OrtException {
    close();
    int width = layout.columnsOfInput();
    for (int i = 0; i < inputMemory.length; i++) {
      OnnxGraph.Input input = layout.inputs().get(i);
      long[] shape = {rowCount, width};
      ByteBuffer memory = inputMemory[i];
      int size = rowCount * width;
      inputs.put(
          input.name(),
          switch (input.type()) {
            case FLOAT32 ->
                OnnxTensor.createTensor(environment, memory.asFloatBuffer().limit(size), shape);
            case FLOAT64 ->
                OnnxTensor.createTensor(environment, memory.asDoubleBuffer().limit(size), shape);
            case INT64 ->
                OnnxTensor.createTensor(environment, memory.asLongBuffer().limit(size), shape);
          });
    }
    for (String name : layout.labels()) {
      outputs.put(
          name,
          OnnxTensor.createTensor(
              environment, labelMemory.duplicate().limit(rowCount), new long[] {rowCount}));
    }
    for (int i = 0; i < probabilityMemory.length; i++) {
      outputs.put(
          layout.probabilities().get(i),
          OnnxTensor.createTensor(
              environment,
              probabilityMemory[i].duplicate().limit(rowCount * layout.width()),
              new long[] {rowCount, layout.width()}));
    }
    count = rowCount;
  }

  @Override
  public void close() {
    count = 0;
    inputs.values().forEach(OnnxTensor::close);
    inputs.clear();
    outputs.values().forEach(OnnxTensor::close);
    outputs.clear();
  }
}
