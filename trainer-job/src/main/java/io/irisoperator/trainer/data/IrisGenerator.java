package io.irisoperator.trainer.data;

import io.irisoperator.model.Iris;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Generates {@code data/}: independent normal draws per class, in cm with two decimals.
 *
 * <p>{@link Random}'s algorithm is part of its specification, so that every JDK generates the same
 * files.
 *
 * @see <a href="https://doi.org/10.1111/j.1469-1809.1936.tb02137.x">Fisher 1936, the 150 flowers
 *     with these means and sample standard deviations</a>
 */
public final class IrisGenerator {
  private static final long SEED = 1936;
  private static final int TRAIN_ROWS = 3998;
  private static final int TEST_ROWS = 1000;

  private record Normal(double mean, double deviation) {}

  /** By class, then by feature, in the order of {@link Iris}. */
  private static final List<List<Normal>> SPECIES =
      List.of(
          List.of(
              new Normal(5.006, 0.352),
              new Normal(3.428, 0.379),
              new Normal(1.462, 0.174),
              new Normal(0.246, 0.105)),
          List.of(
              new Normal(5.936, 0.516),
              new Normal(2.770, 0.314),
              new Normal(4.260, 0.470),
              new Normal(1.326, 0.198)),
          List.of(
              new Normal(6.588, 0.636),
              new Normal(2.974, 0.322),
              new Normal(5.552, 0.552),
              new Normal(2.026, 0.275)));

  private IrisGenerator() {}

  /**
   * Writes {@code iris_train.csv} and {@code iris_test.csv} into the folder that the argument
   * names.
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    Random random = new Random(SEED);
    Files.writeString(folder.resolve("iris_train.csv"), csv(random, TRAIN_ROWS));
    Files.writeString(folder.resolve("iris_test.csv"), csv(random, TEST_ROWS));
  }

  private static String csv(Random random, int rows) {
    List<String> lines = new ArrayList<>(rows);
    for (int r = 0; r < rows; r++) {
      lines.add(line(random, r % SPECIES.size()));
    }
    Collections.shuffle(lines, random);
    return String.join(",", Iris.FEATURES) + ",class,class_name\n" + String.join("", lines);
  }

  private static String line(Random random, int species) {
    StringBuilder line = new StringBuilder();
    for (Normal normal : SPECIES.get(species)) {
      line.append(String.format(Locale.ROOT, "%.2f,", positive(random, normal)));
    }
    return line.append(species)
        .append(',')
        .append(Iris.CLASSES.get(species))
        .append('\n')
        .toString();
  }

  /**
   * Draws again while the length is 0, as no flower has one (about one in a hundred of setosa's
   * petal widths).
   */
  private static double positive(Random random, Normal normal) {
    double value;
    do {
      value = normal.mean() + normal.deviation() * random.nextGaussian();
    } while (value < 0.005);
    return value;
  }
}
