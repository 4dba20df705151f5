package io.irisoperator.model;

import java.util.List;
import java.util.Optional;

/**
 * A model that can serve Iris: four features, three classes, and the expected probabilities for
 * every golden row.
 *
 * @param classNames in the order of the probabilities
 * @param digest the digest of its folder
 */
public record ServableModel(Forest forest, List<String> classNames, String digest) {
  public ServableModel {
    classNames = List.copyOf(classNames);
  }

  /**
   * Reads and verifies a folder.
   *
   * @throws InvalidModelException naming the file and the error in it
   */
  public static ServableModel of(ModelFolder folder) throws InvalidModelException {
    return of(folder, folder.digest());
  }

  /**
   * Reads and verifies a folder.
   *
   * @param digest the folder's digest; to compute it again takes a tenth of a server's start
   * @throws InvalidModelException naming the file and the error in it
   */
  public static ServableModel of(ModelFolder folder, String digest) throws InvalidModelException {
    byte[] onnxFile =
        folder
            .file(ModelFolder.ONNX)
            .orElseThrow(() -> new InvalidModelException(missingOnnx(folder)));
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

  /** Most users log with their library's own flavor first: the message says what to do instead. */
  private static String missingOnnx(ModelFolder folder) {
    if (folder.file(MlmodelFile.NAME).isEmpty()) {
      return "%s is missing, found: %s"
          .formatted(ModelFolder.ONNX, String.join(", ", folder.files().keySet()));
    }
    Optional<String> flavor = MlmodelFile.flavor(folder);
    boolean sklearn = flavor.equals(Optional.of("sklearn"));
    return "%s is missing: the model was %s; log it as ONNX: mlflow.onnx.log_model(%s, name=\"iris-model\")%s"
        .formatted(
            ModelFolder.ONNX,
            flavor.map(f -> "logged with mlflow." + f).orElse("not logged with mlflow.onnx"),
            sklearn ? "to_onnx(model, X)" : "onnx_model",
            sklearn ? ", with to_onnx from skl2onnx" : "");
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

  /** A model that another program logged has none. */
  private static List<GoldenRow> goldenRows(ModelFolder folder) throws InvalidModelException {
    var file = folder.file(ModelFolder.GOLDEN);
    return file.isPresent() ? GoldenFile.read(file.get()) : List.of();
  }

  /** A scikit-learn forest that was fitted on numbers has the classes 0, 1, 2. */
  private static List<String> classNames(OnnxForest onnx) {
    return onnx.classNames().equals(List.of("0", "1", "2")) ? Iris.CLASSES : onnx.classNames();
  }
}
