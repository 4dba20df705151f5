package io.irisoperator.model;

import java.util.List;

/**
 * A graph of standard operators, which ONNX Runtime evaluates: whatever is not a plain forest.
 *
 * @param file an ONNX file that gives what {@code model.onnx} gives, with tensors instead of maps
 * @param inputs one of shape {@code [N, features]}, or one column for each feature
 * @param labelOutput the name of the output with a label for each row
 * @param probabilities the output, or outputs, with the probabilities
 */
@SuppressWarnings("ArrayRecordComponent") // Not a value: the bytes are not shared.
public record OnnxGraph(
    byte[] file,
    List<Input> inputs,
    String labelOutput,
    Probabilities probabilities,
    ClassLabels labels,
    OnnxMetadata metadata)
    implements OnnxModel {

  public OnnxGraph {
    inputs = List.copyOf(inputs);
  }

  /** The type of an input's elements. */
  public enum ElementType {
    FLOAT32,
    FLOAT64,
    INT64
  }

  /**
   * An input of the graph.
   *
   * @param columns the second dimension of its shape; 0 if the file leaves it open
   */
  public record Input(String name, ElementType type, long columns) {}

  /** Where the probabilities are. */
  public sealed interface Probabilities {
    /** A tensor of shape {@code [N, classes]}. */
    record Matrix(String output) implements Probabilities {}

    /** An output for each class, in the order of the classes. */
    record Columns(List<String> outputs) implements Probabilities {
      public Columns {
        outputs = List.copyOf(outputs);
      }
    }
  }
}
