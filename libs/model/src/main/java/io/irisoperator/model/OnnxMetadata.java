package io.irisoperator.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An ONNX file's {@code metadata_props}. */
public record OnnxMetadata(Map<String, String> properties) {
  /** The key of the class names, a JSON list in the order of the probabilities. */
  public static final String CLASS_NAMES = "class_names";

  /** The key of the feature names, a JSON list in the order of the columns. */
  public static final String FEATURE_NAMES = "feature_names";

  /** The key of the training data's histograms, a JSON object: feature to edges and counts. */
  public static final String FEATURE_HISTOGRAMS = "feature_histograms";

  public static final OnnxMetadata NONE = new OnnxMetadata(Map.of());

  private static final JsonFactory JSON = new JsonFactory();

  public OnnxMetadata {
    properties = Map.copyOf(properties);
  }

  /**
   * A list of names.
   *
   * @throws InvalidModelException if the value is not a JSON list of strings
   */
  Optional<List<String>> names(String key) throws InvalidModelException {
    String value = properties.get(key);
    if (value == null) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    try (JsonParser json = JSON.createParser(value)) {
      boolean list = json.nextToken() == JsonToken.START_ARRAY;
      while (list && json.nextToken() == JsonToken.VALUE_STRING) {
        names.add(json.getText());
      }
      if (json.currentToken() == JsonToken.END_ARRAY && json.nextToken() == null) {
        return Optional.of(names);
      }
    } catch (IOException e) {
      throw new InvalidModelException("metadata %s is not JSON: %s".formatted(key, value), e);
    }
    throw new InvalidModelException(
        "metadata %s is not a JSON list of strings: %s".formatted(key, value));
  }
}
