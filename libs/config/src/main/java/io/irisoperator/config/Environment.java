package io.irisoperator.config;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The environment that settings are read from; a blank variable counts as absent. */
public record Environment(Map<String, String> variables) {
  public Environment {
    variables = Map.copyOf(variables);
  }

  /** The value, or the default; empty if there is neither. */
  public Optional<String> optional(Setting setting) {
    return Optional.ofNullable(variables.get(setting.variable()))
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .or(setting::defaultValue);
  }

  /**
   * The value, or the default.
   *
   * @throws IllegalArgumentException if there is neither
   */
  public String text(Setting setting) {
    return optional(setting)
        .orElseThrow(() -> new IllegalArgumentException(setting.variable() + " is not set"));
  }

  /** An http or https URL. */
  public URI uri(Setting setting) {
    String text = text(setting);
    try {
      URI uri = URI.create(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Rejected below, like an address of another kind.
    }
    throw invalid(setting, "an http or https URL without user and password");
  }

  /** A whole number, at least {@code min}. */
  public int integer(Setting setting, int min) {
    try {
      int value = Integer.parseInt(text(setting));
      if (value >= min) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Rejected below, like a number out of range.
    }
    throw invalid(setting, "a whole number" + (min > Integer.MIN_VALUE ? " from " + min : ""));
  }

  /** A number from 0 to 1. */
  public double fraction(Setting setting) {
    try {
      double value = Double.parseDouble(text(setting));
      if (value >= 0 && value <= 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Rejected below, like a number out of range.
    }
    throw invalid(setting, "a number from 0 to 1");
  }

  /** A whole number of seconds, at least {@code min}. */
  public Duration seconds(Setting setting, int min) {
    return Duration.ofSeconds(integer(setting, min));
  }

  /** {@code true} or {@code false}. */
  public boolean bool(Setting setting) {
    return switch (text(setting)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw invalid(setting, "true or false");
    };
  }

  /** One of an enum's names, in lower case. */
  public <E extends Enum<E>> E oneOf(Setting setting, Class<E> type) {
    for (E value : type.getEnumConstants()) {
      if (value.toString().equals(text(setting))) {
        return value;
      }
    }
    throw invalid(setting, "one of " + Arrays.toString(type.getEnumConstants()));
  }

  private IllegalArgumentException invalid(Setting setting, String allowed) {
    // Not the value: this ends up in a log, and an address may hold a password.
    return new IllegalArgumentException(setting.variable() + " must be " + allowed);
  }
}
