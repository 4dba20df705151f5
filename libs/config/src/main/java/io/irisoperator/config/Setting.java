package io.irisoperator.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One thing that a program can be told.
 *
 * @param variable the environment variable
 * @param required whether the program does not start without it
 * @param absent what holds where it is not set
 * @param meaning a line for the documentation
 */
public record Setting(String variable, boolean required, Optional<String> absent, String meaning) {

  /** The user of an MLflow with basic authentication; MLflow's own clients know the variable. */
  public static final Setting MLFLOW_USERNAME =
      optional("MLFLOW_TRACKING_USERNAME", "for an MLflow with basic authentication");

  /** The user's password. */
  public static final Setting MLFLOW_PASSWORD =
      optional("MLFLOW_TRACKING_PASSWORD", "the user's password");

  /** In what form the program logs; {@link LoggingConfigurator} reads it. */
  public static final Setting LOG_FORMAT =
      withDefault(
          "LOG_FORMAT", "json", "`json`: a line of JSON with ECS names; `text`: lines for people");

  /** How much the program logs; {@link LoggingConfigurator} reads it. */
  public static final Setting LOG_LEVEL =
      withDefault("LOG_LEVEL", "INFO", "`ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`");

  /** One without which the program does not start. */
  public static Setting required(String variable, String meaning) {
    return new Setting(variable, true, Optional.empty(), meaning);
  }

  /** One that may be left out. */
  public static Setting optional(String variable, String meaning) {
    return new Setting(variable, false, Optional.empty(), meaning);
  }

  /** One that has a value where it is left out. */
  public static Setting withDefault(String variable, String absent, String meaning) {
    return new Setting(variable, false, Optional.of(absent), meaning);
  }

  /** The settings of a program as a table of {@code docs/configuration.md}. */
  public static String table(List<Setting> settings) {
    return settings.stream()
        .map(
            s ->
                "| `%s` | %s | %s |\n"
                    .formatted(
                        s.variable,
                        s.required ? "required" : s.absent.map(a -> "`" + a + "`").orElse("–"),
                        s.meaning))
        .collect(Collectors.joining("", "| variable | default | meaning |\n|---|---|---|\n", ""));
  }
}
