package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.model.Classifier;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.model.ServableModel;
import io.irisoperator.server.model.ServedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user saves whatever pipeline: it is served with ONNX Runtime's answers, or refused. */
@Tag(Phase.EXCLUSIVE)
class RandomPipelinesIT {
  private static final int COUNT = 200;
  private static final int SEED = 15;

  /** Python writes NaN as such. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  @Test
  void randomPipelinesAreServedWithTheAnswersOfOnnxRuntimeOrRefusedForTheirScores(
      @TempDir Path folder) throws Exception {
    new Commands()
        .python(
            "client",
            "random_pipelines.py",
            folder.toString(),
            String.valueOf(COUNT),
            String.valueOf(SEED),
            TestData.TRAIN_FILE.toString());
    List<String> wrong = new ArrayList<>();
    int served = 0;
    for (int number = 0; number < COUNT; number++) {
      JsonNode expected = JSON.readTree(folder.resolve(number + ".json").toFile());
      String pipeline = expected.path("pipeline").asText();
      try {
        ServedModel model =
            ServedModel.of(ServableModel.of(modelFolder(folder.resolve(String.valueOf(number)))));
        served++;
        if (!answers(model, expected.path("rows")).equals(expected(expected))) {
          wrong.add(pipeline + ": other answers than ONNX Runtime's");
        }
      } catch (InvalidModelException e) {
        boolean isTrue =
            e.getMessage().contains("no operator reads input")
                || (e.getMessage().contains("the model gives") && !areProbabilities(expected));
        if (!isTrue) {
          wrong.add(pipeline + ": " + e.getMessage());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(served).isGreaterThan(COUNT / 2);
  }

  /** Whether ONNX Runtime gives probabilities for each row. */
  private static boolean areProbabilities(JsonNode expected) {
    for (JsonNode row : expected.path("probabilities")) {
      double sum = 0;
      for (JsonNode probability : row) {
        sum += probability.asDouble() < -1e-3 ? Double.NaN : probability.asDouble();
      }
      // Negated, so that it holds for NaN, too.
      if (!(Math.abs(sum - 1) <= 1e-3)) {
        return false;
      }
    }
    return true;
  }

  private static ModelFolder modelFolder(Path folder) throws Exception {
    TreeMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return new ModelFolder(files);
  }

  /** A line for each row: its label and its probabilities. */
  private static List<String> answers(ServedModel model, JsonNode rows) {
    int count = rows.size();
    double[] values = new double[4 * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = rows.path(i / 4).path(i % 4).asDouble();
    }
    Classifier classifier = model.classifier();
    float[] probabilities = new float[3 * count];
    int[] labels = new int[count];
    classifier.predict(values, count, probabilities, labels);
    List<String> answers = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      answers.add(
          "%s %s %s %s"
              .formatted(
                  model.schema().labels().values().get(labels[row]),
                  probabilities[3 * row],
                  probabilities[3 * row + 1],
                  probabilities[3 * row + 2]));
    }
    return answers;
  }

  private static List<String> expected(JsonNode expected) {
    List<String> answers = new ArrayList<>();
    for (int row = 0; row < expected.path("labels").size(); row++) {
      JsonNode probabilities = expected.path("probabilities").path(row);
      answers.add(
          "%s %s %s %s"
              .formatted(
                  expected.path("labels").path(row).asText(),
                  (float) probabilities.path(0).asDouble(),
                  (float) probabilities.path(1).asDouble(),
                  (float) probabilities.path(2).asDouble()));
    }
    return answers;
  }
}
