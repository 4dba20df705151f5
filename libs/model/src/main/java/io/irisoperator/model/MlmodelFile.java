package io.irisoperator.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * The MLmodel file, in which MLflow describes a model folder.
 *
 * @param content a YAML mapping
 * @see <a href="https://mlflow.org/docs/latest/ml/model/#storage-format">its fields</a>
 */
record MlmodelFile(Map<?, ?> content) {
  static final String NAME = "MLmodel";

  private static final JsonFactory JSON = new JsonFactory();

  /** Text only, and little of it: numbers of a million digits take a minute to read. */
  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setCodePointLimit(256 << 10)
          .setUseMarks(false)
          .setSchema(new FailsafeSchema())
          .build();

  /**
   * Reads the file of a folder, if it has one.
   *
   * @throws InvalidModelException if it is not a YAML mapping
   */
  static Optional<MlmodelFile> of(ModelFolder folder) throws InvalidModelException {
    Optional<byte[]> file = folder.file(NAME);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (new Load(SETTINGS).loadFromString(new String(file.get(), StandardCharsets.UTF_8))
          instanceof Map<?, ?> content) {
        return Optional.of(new MlmodelFile(content));
      }
    } catch (YamlEngineException e) {
      throw new InvalidModelException("not YAML: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      // The library follows nested lists by recursion, without a limit.
      throw new InvalidModelException("nested too deeply", e);
    }
    throw new InvalidModelException("not a YAML mapping");
  }

  /** The flavor that the folder was logged with, such as {@code sklearn}. */
  Optional<String> flavor() {
    return content.get("flavors") instanceof Map<?, ?> flavors
        ? flavors.keySet().stream()
            .filter(String.class::isInstance)
            .map(String.class::cast)
            .filter(flavor -> !flavor.equals("python_function"))
            .findFirst()
        : Optional.empty();
  }

  /**
   * The names of the columns in the model's signature; empty without one, or if its inputs are
   * tensors.
   *
   * @throws InvalidModelException if the signature is not a JSON list of inputs
   */
  Optional<List<String>> columns() throws InvalidModelException {
    if (!(content.get("signature") instanceof Map<?, ?> signature
        && signature.get("inputs") instanceof String inputs)) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    try (JsonParser json = JSON.createParser(inputs)) {
      if (json.nextToken() != JsonToken.START_ARRAY) {
        throw new InvalidModelException("its signature has no list of inputs: " + inputs);
      }
      boolean columns = true;
      while (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String field = json.currentName();
          json.nextToken();
          if (field.equals("name")) {
            names.add(json.getText());
          } else if (field.equals("type")) {
            columns &= !json.getText().equals("tensor");
          }
          json.skipChildren();
        }
      }
      return columns && !names.isEmpty() ? Optional.of(names) : Optional.empty();
    } catch (IOException e) {
      throw new InvalidModelException("its signature's inputs are not JSON: " + inputs, e);
    }
  }
}
