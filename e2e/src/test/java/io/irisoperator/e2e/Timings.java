package io.irisoperator.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/** Measured durations, in {@code e2e/target/timings.txt}. No test asserts on them. */
final class Timings {
  private static final Path FILE = Path.of("target/timings.txt");

  private Timings() {}

  static void record(String label, Instant start, Instant end) {
    long millis = Duration.between(start, end).toMillis();
    try {
      Files.writeString(
          FILE,
          "%s: %.1f s%n".formatted(label, millis / 1000.0),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
