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
 * The model's archive as the operator keeps it in the cluster, mounted in parts.
 *
 * @param parts the files {@code part-000}, {@code part-001} and so on
 */
record ModelCopy(Path folder, int parts) {

  /** The copy that the server was told of, if all of it is there. */
  static Optional<ModelCopy> of(ServerConfig config) {
    return config
        .modelCopy()
        .map(folder -> new ModelCopy(folder, config.modelCopyParts()))
        .filter(copy -> copy.files().allMatch(Files::exists));
  }

  /**
   * Unpacks it.
   *
   * @throws InvalidModelException when the parts are no archive; the digest is not looked at
   */
  ModelFolder read() throws InvalidModelException {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    for (Path part : files().toList()) {
      try {
        archive.write(Files.readAllBytes(part));
      } catch (IOException e) {
        throw new UncheckedIOException(part + " cannot be read", e);
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
    return "the cluster's copy in " + folder;
  }
}
