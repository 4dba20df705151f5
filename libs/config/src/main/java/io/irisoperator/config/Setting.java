package io.irisoperator.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A setting of a program, from an environment variable.
 *
 * @param variable the environment variable
 * @param required whether the program refuses to start without it
 * @param defaultValue the value if the variable is not set
 * @param description one line for the documentation
 */
public record Setting(
    String variable, boolean required, Optional<String> defaultValue, String description) {

  /** The format of the log; {@link LoggingConfigurator} reads it. */
  public static final Setting LOG_FORMAT =
      withDefault(
          "LOG_FORMAT", "json", "`json`: a line of JSON with ECS names; `text`: lines for people");

  /** The log level; {@link LoggingConfigurator} reads it. */
  public static final Setting LOG_LEVEL =
      withDefault("LOG_LEVEL", "INFO", "`ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`");

  /** A setting without which the program refuses to start. */
  public static Setting required(String variable, String description) {
    return new Setting(variable, true, Optional.empty(), description);
  }

  /** An optional setting. */
  public static Setting optional(String variable, String description) {
    return new Setting(variable, false, Optional.empty(), description);
  }

  /** A setting with a default. */
  public static Setting withDefault(String variable, String defaultValue, String description) {
    return new Setting(variable, false, Optional.of(defaultValue), description);
  }

  /** Several lists as one. */
  public static List<Setting> concat(List<List<Setting>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  /** The settings of a program as a table of {@code docs/configuration.md}. */
  public static String table(List<Setting> settings) {
    return settings.stream()
        .map(
            s ->
                "| `%s` | %s | %s |\n"
                    .formatted(
                        s.variable,
                        s.required
                            ? "required"
                            : s.defaultValue.map(a -> "`" + a + "`").orElse("–"),
                        s.description))
        .collect(
            Collectors.joining("", "| variable | default | description |\n|---|---|---|\n", ""));
  }
}
