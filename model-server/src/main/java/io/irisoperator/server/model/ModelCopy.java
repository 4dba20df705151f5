package io.irisoperator.server.model;

import io.irisoperator.contract.ArchiveParts;
import io.irisoperator.model.InvalidModelException;
import io.irisoperator.model.ModelArchive;
import io.irisoperator.model.ModelFolder;
import io.irisoperator.server.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The stored copy of the model: the ZIP that the operator keeps in the cluster, mounted in parts.
 *
 * @param folder where the parts {@code part-000}, {@code part-001} and so on are mounted
 * @param parts the number of parts
 */
record ModelCopy(Path folder, int parts) {

  /** The configured copy, if all its parts exist. */
  static Optional<ModelCopy> of(ServerConfig config) {
    return config
        .model()
        .copy()
        .map(folder -> new ModelCopy(folder, config.model().copyParts()))
        .filter(copy -> copy.files().allMatch(Files::exists));
  }

  /**
   * Unpacks the copy. The caller checks the digest.
   *
   * @throws InvalidModelException if the parts are not a valid archive
   * @throws UncheckedIOException if a part cannot be read
   */
  ModelFolder read() throws InvalidModelException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    for (Path part : files().toList()) {
      try {
        archive.write(Files.readAllBytes(part));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + part, e);
      }
    }
    try {
      return ModelArchive.read(archive.toByteArray());
    } catch (InvalidModelException e) {
      throw new InvalidModelException(this + ": " + e.getMessage(), e);
    }
  }

  private Stream<Path> files() {
    return IntStream.range(0, parts).mapToObj(i -> folder.resolve(ArchiveParts.fileName(i)));
  }

  @Override
  public String toString() {
    return "the stored copy in " + folder;
  }
}
