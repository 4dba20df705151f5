package io.irisoperator.model;

import java.util.Optional;

/**
 * Reads a {@code model.onnx}: a plain forest, or any other graph of standard operators.
 *
 * <p>Time and memory are bounded by the size of the file; nothing in it runs.
 */
public final class OnnxReader {
  private OnnxReader() {}

  /**
   * Reads a file.
   *
   * @throws InvalidModelException naming what is invalid or not supported
   */
  public static OnnxModel read(byte[] bytes) throws InvalidModelException {
    OnnxFile file = OnnxFile.parse(bytes);
    try {
      Optional<OnnxForest> forest = ForestReader.read(file);
      return forest.isPresent() ? forest.get() : GraphReader.read(file);
    } catch (IndexOutOfBoundsException e) {
      throw new InvalidModelException("an operator lacks an input or an output", e);
    }
  }
}
