package io.irisoperator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/** Times worth telling, in {@code e2e/target/timings.txt}; none is asserted on. */
final class Timings {
  private static final Path FILE = Path.of("target/timings.txt");

  private Timings() {}

  static void say(String what, Instant from, Instant to) {
    long millis = Duration.between(from, to).toMillis();
    try {
      Files.writeString(
          FILE,
          "%s: %.1f s%n".formatted(what, millis / 1000.0),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
