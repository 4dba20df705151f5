package io.irisoperator.server.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.irisoperator.model.Iris;
import io.irisoperator.model.OnnxGraph;
import io.irisoperator.model.OnnxGraph.Input;
import io.irisoperator.model.Schema;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/** The inputs of a graph for some rows, with the features in the order of the model's columns. */
record InputTensors(Map<String, OnnxTensor> byName) implements AutoCloseable {

  static InputTensors of(
      OrtEnvironment environment, OnnxGraph graph, Schema schema, double[] rows, int count)
      throws OrtException {
    InputTensors tensors = new InputTensors(new HashMap<>());
    int width = graph.inputs().size() == 1 ? schema.features().size() : 1;
    int column = 0;
    for (Input input : graph.inputs()) {
      tensors.byName.put(
          input.name(), tensor(environment, input, schema, rows, count, column, width));
      column += width;
    }
    return tensors;
  }

  private static OnnxTensor tensor(
      OrtEnvironment environment,
      Input input,
      Schema schema,
      double[] rows,
      int count,
      int column,
      int width)
      throws OrtException {
    int features = Iris.FEATURES.size();
    double[] values = new double[count * width];
    for (int c = 0; c < width; c++) {
      int feature = Iris.FEATURES.indexOf(schema.features().get(column + c));
      for (int row = 0; row < count; row++) {
        values[row * width + c] = rows[row * features + feature];
      }
    }
    long[] shape = {count, width};
    return switch (input.type()) {
      case FLOAT32 -> {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) values[i];
        }
        yield OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats), shape);
      }
      case FLOAT64 -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(values), shape);
      case INT64 -> {
        long[] longs = new long[values.length];
        for (int i = 0; i < longs.length; i++) {
          longs[i] = (long) values[i];
        }
        yield OnnxTensor.createTensor(environment, LongBuffer.wrap(longs), shape);
      }
    };
  }

  @Override
  public void close() {
    byName.values().forEach(OnnxTensor::close);
  }
}
