package io.irisoperator.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A checked-in file that is generated from the code. With {@code -Dgolden.update=true} the tests
 * write it instead of comparing it.
 */
public record GoldenFile(Path path) {

  /** Whether files are written. */
  public static boolean isUpdate() {
    return Boolean.getBoolean("golden.update");
  }

  /** Compares the file, or writes it. */
  public void assertContent(String generated) throws IOException {
    if (isUpdate()) {
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.writeString(path, generated);
    }
    assertThat(path).as("stale; update it with: make golden").exists().hasContent(generated);
  }
}
