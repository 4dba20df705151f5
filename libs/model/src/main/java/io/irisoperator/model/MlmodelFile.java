package io.irisoperator.model;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The MLmodel file, in which MLflow describes a model folder. */
final class MlmodelFile {
  static final String NAME = "MLmodel";

  /** The block of the flavors, and in it the keys that are indented once. */
  private static final Pattern FLAVORS = Pattern.compile("(?m)^flavors:\\s*\\n((?: .*\\n?)+)");

  private static final Pattern FLAVOR = Pattern.compile("(?m)^  (?!python_function:)(\\w+):");

  private MlmodelFile() {}

  /** The flavor that a folder was logged with, such as {@code sklearn}. */
  static Optional<String> flavor(ModelFolder folder) {
    return folder
        .file(NAME)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .map(FLAVORS::matcher)
        .filter(Matcher::find)
        .map(flavors -> FLAVOR.matcher(flavors.group(1)))
        .filter(Matcher::find)
        .map(flavor -> flavor.group(1));
  }
}
