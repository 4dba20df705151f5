package io.irisoperator.evaluation.data;

import java.nio.file.Path;
import java.util.List;

/**
 * The labelled rows of a file.
 *
 * @param digest {@code sha256:} and the hex SHA-256 of the file's bytes
 */
public record Dataset(Path file, List<Flower> flowers, String digest) {
  public Dataset {
    flowers = List.copyOf(flowers);
  }

  public int size() {
    return flowers.size();
  }
}
