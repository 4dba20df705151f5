package io.irisoperator.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A checked-in file that must be what the code makes; {@code -Dgolden.update=true} writes it anew.
 */
public record GoldenFile(Path path) {

  /** Compares, or writes. */
  public void assertIs(String made) throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(path.getParent());
      Files.writeString(path, made);
    }
    assertThat(path)
        .as("made by: ./mvnw -pl operator -am test -Dgolden.update=true")
        .exists()
        .hasContent(made);
  }
}
