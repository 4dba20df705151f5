package io.irisoperator.e2e;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The predictions of ONNX Runtime with one thread. */
final class OnnxRuntimePredictions {
  private OnnxRuntimePredictions() {}

  /** The predicted class and its probability. */
  record Prediction(int label, float confidence) {}

  /** The predictions of a model's ONNX file, in the order of the rows. */
  static List<Prediction> of(byte[] onnx, double[][] rows) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(onnx, options)) {
        String name = session.getInputNames().iterator().next();
        TensorInfo info = (TensorInfo) session.getInputInfo().get(name).getInfo();
        try (OnnxTensor input =
                info.type == OnnxJavaType.DOUBLE
                    ? OnnxTensor.createTensor(environment, rows)
                    : OnnxTensor.createTensor(environment, floats(rows));
            OrtSession.Result result = session.run(Map.of(name, input))) {
          long[] labels = (long[]) result.get(0).getValue();
          List<Prediction> predictions = new ArrayList<>();
          for (int r = 0; r < rows.length; r++) {
            int label = (int) labels[r];
            predictions.add(new Prediction(label, probability(result.get(1), r, label)));
          }
          return predictions;
        }
      }
    }
  }

  /** The probability of a class: in a tensor, or in the maps that the operator ZipMap returns. */
  private static float probability(OnnxValue output, int row, int label) throws Exception {
    if (output instanceof OnnxTensor tensor) {
      return ((float[][]) tensor.getValue())[row][label];
    }
    OnnxMap map = (OnnxMap) ((List<?>) output.getValue()).get(row);
    return (Float) map.getValue().get((long) label);
  }

  private static float[][] floats(double[][] rows) {
    float[][] floats = new float[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      floats[r] = new float[rows[r].length];
      for (int f = 0; f < rows[r].length; f++) {
        floats[r][f] = (float) rows[r][f];
      }
    }
    return floats;
  }
}
