package io.irisoperator.model;

import java.util.List;

/**
 * A model that may serve Iris: four features, three classes, and every golden row answered as it
 * should be.
 *
 * @param digest of the folder it was read from
 */
public record ServableModel(Forest forest, List<String> classNames, String digest) {
  public ServableModel {
    classNames = List.copyOf(classNames);
  }

  /**
   * Reads and verifies a folder.
   *
   * @throws InvalidModelException naming the file and what is wrong in it
   */
  public static ServableModel of(ModelFolder folder) throws InvalidModelException {
    return of(folder, folder.digest());
  }

  /**
   * Reads and verifies a folder.
   *
   * @param digest the folder's; to compute it again takes a tenth of a server's start
   * @throws InvalidModelException naming the file and what is wrong in it
   */
  public static ServableModel of(ModelFolder folder, String digest) throws InvalidModelException {
    byte[] onnxFile =
        folder
            .file(ModelFolder.ONNX)
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "%s is missing, there is: %s"
                            .formatted(ModelFolder.ONNX, folder.files().keySet())));
    OnnxForest onnx;
    try {
      onnx = OnnxReader.read(onnxFile);
      requireIris(onnx);
    } catch (InvalidModelException e) {
      throw naming(ModelFolder.ONNX, e);
    }
    try {
      for (GoldenRow row : goldenRows(folder)) {
        row.requireFrom(onnx.forest());
      }
    } catch (InvalidModelException e) {
      throw naming(ModelFolder.GOLDEN, e);
    }
    return new ServableModel(onnx.forest(), classNames(onnx), digest);
  }

  private static InvalidModelException naming(String file, InvalidModelException e) {
    return new InvalidModelException(file + ": " + e.getMessage(), e);
  }

  private static void requireIris(OnnxForest onnx) throws InvalidModelException {
    int features = onnx.forest().featureCount();
    if (features != Iris.FEATURES.size()) {
      throw new InvalidModelException(
          "it has %d features, Iris has %d: %s"
              .formatted(features, Iris.FEATURES.size(), String.join(", ", Iris.FEATURES)));
    }
    int classes = onnx.forest().classCount();
    if (classes != Iris.CLASSES.size()) {
      throw new InvalidModelException(
          "it has %d classes, Iris has %d: %s"
              .formatted(classes, Iris.CLASSES.size(), String.join(", ", Iris.CLASSES)));
    }
  }

  /** A model that another program logged holds none. */
  private static List<GoldenRow> goldenRows(ModelFolder folder) throws InvalidModelException {
    var file = folder.file(ModelFolder.GOLDEN);
    return file.isPresent() ? GoldenFile.read(file.get()) : List.of();
  }

  /** A scikit-learn forest fitted on numbers knows its classes as 0, 1, 2 only. */
  private static List<String> classNames(OnnxForest onnx) {
    return onnx.classNames().equals(List.of("0", "1", "2")) ? Iris.CLASSES : onnx.classNames();
  }
}
