package io.irisoperator.model;

import java.util.List;
import java.util.Map;

/**
 * The content of a {@code model.onnx}.
 *
 * @param classNames one per class, in the order of the scores
 * @param metadata the file's {@code metadata_props}
 */
public record OnnxForest(Forest forest, List<String> classNames, Map<String, String> metadata) {
  /** The metadata key of the class names, a JSON list. */
  public static final String CLASS_NAMES = "class_names";

  /** The metadata key of the feature names, a JSON list. */
  public static final String FEATURE_NAMES = "feature_names";

  /**
   * The metadata key of the training data's histograms, a JSON object: feature to edges and counts.
   */
  public static final String FEATURE_HISTOGRAMS = "feature_histograms";

  public OnnxForest {
    classNames = List.copyOf(classNames);
    metadata = Map.copyOf(metadata);
  }
}
