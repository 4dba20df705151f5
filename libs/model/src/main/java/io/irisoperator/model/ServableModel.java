package io.irisoperator.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A model that can serve Iris: four features and three classes. A plain forest gives the expected
 * probabilities for every golden row; whether another graph does shows when it runs.
 *
 * @param onnx a forest has its features in the order of {@link Iris#FEATURES}, a graph in that of
 *     the schema
 * @param ranges of the training data's features, if the model has them
 * @param digest the digest of its folder
 */
public record ServableModel(
    Schema schema,
    OnnxModel onnx,
    Optional<FeatureRanges> ranges,
    List<GoldenRow> goldenRows,
    String digest) {
  public ServableModel {
    goldenRows = List.copyOf(goldenRows);
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
    Optional<MlmodelFile> mlmodel;
    try {
      mlmodel = MlmodelFile.of(folder);
    } catch (InvalidModelException e) {
      throw naming(MlmodelFile.NAME, e);
    }
    byte[] onnxFile =
        folder
            .file(ModelFolder.ONNX)
            .orElseThrow(() -> new InvalidModelException(missingOnnx(folder, mlmodel)));
    OnnxModel onnx;
    Schema schema;
    Optional<FeatureRanges> ranges;
    try {
      onnx = OnnxReader.read(onnxFile);
      schema = schema(onnx, mlmodel);
      ranges = FeatureRanges.of(onnx.metadata());
    } catch (InvalidModelException e) {
      throw naming(ModelFolder.ONNX, e);
    }
    try {
      List<GoldenRow> goldenRows = goldenRows(folder);
      if (onnx instanceof OnnxForest read) {
        OnnxForest forest = read.withFeatures(schema.features());
        Evaluator evaluator = new Evaluator(forest.forest());
        for (GoldenRow row : goldenRows) {
          row.requireFrom(evaluator);
        }
        return new ServableModel(schema, forest, ranges, goldenRows, digest);
      }
      return new ServableModel(schema, onnx, ranges, goldenRows, digest);
    } catch (InvalidModelException e) {
      throw naming(ModelFolder.GOLDEN, e);
    }
  }

  private static Schema schema(OnnxModel onnx, Optional<MlmodelFile> mlmodel)
      throws InvalidModelException {
    List<String> features = Columns.of(onnx, mlmodel);
    int classes = onnx.labels().count();
    if (classes != Iris.CLASSES.size()) {
      throw new InvalidModelException(
          "it has %d classes, Iris has %d: %s"
              .formatted(classes, Iris.CLASSES.size(), String.join(", ", Iris.CLASSES)));
    }
    if (Set.copyOf(onnx.labels().values()).size() != classes) {
      throw new InvalidModelException(
          "its classes have the labels %s: each must have its own"
              .formatted(onnx.labels().values()));
    }
    return new Schema(features, onnx.labels(), classNames(onnx));
  }

  /** Most users log with their library's own flavor first: the message says what to do instead. */
  private static String missingOnnx(ModelFolder folder, Optional<MlmodelFile> mlmodel) {
    if (mlmodel.isEmpty()) {
      return "%s is missing, found: %s"
          .formatted(ModelFolder.ONNX, String.join(", ", folder.files().keySet()));
    }
    String flavor = mlmodel.get().flavor().orElse("");
    return "%s is missing: the model was %s; log it as ONNX: mlflow.onnx.log_model(%s"
        .formatted(
            ModelFolder.ONNX,
            flavor.isEmpty() ? "not logged with mlflow.onnx" : "logged with mlflow." + flavor,
            asOnnx(flavor));
  }

  private static String asOnnx(String flavor) {
    String types = "(model, initial_types=[(\"X\", FloatTensorType([None, 4]))])";
    String name = ", name=\"iris-model\")";
    return switch (flavor) {
      case "sklearn" -> "to_onnx(model, X[:1])" + name + ", with to_onnx from skl2onnx";
      case "lightgbm", "xgboost" ->
          "convert_%1$s%2$s%3$s, with convert_%1$s from onnxmltools".formatted(flavor, types, name);
      case "catboost" ->
          "onnx.load(\"m.onnx\")" + name + ", after model.save_model(\"m.onnx\", format=\"onnx\")";
      default -> "onnx_model" + name;
    };
  }

  private static InvalidModelException naming(String file, InvalidModelException e) {
    return new InvalidModelException(file + ": " + e.getMessage(), e);
  }

  /** A model that another program logged has none. */
  private static List<GoldenRow> goldenRows(ModelFolder folder) throws InvalidModelException {
    var file = folder.file(ModelFolder.GOLDEN);
    return file.isPresent() ? GoldenFile.read(file.get()) : List.of();
  }

  /** The labels 0, 1, 2 are scikit-learn's numbers of the species. */
  private static List<String> classNames(OnnxModel onnx) throws InvalidModelException {
    Optional<List<String>> names = onnx.metadata().names(OnnxMetadata.CLASS_NAMES);
    if (names.isEmpty()) {
      return onnx.labels().equals(ClassLabels.positions(Iris.CLASSES.size()))
          ? Iris.CLASSES
          : onnx.labels().values().stream().map(String::valueOf).toList();
    }
    if (names.get().size() != onnx.labels().count()) {
      throw new InvalidModelException(
          "metadata class_names must have %d names: %s"
              .formatted(onnx.labels().count(), names.get()));
    }
    return names.get();
  }
}
