package io.irisoperator.operator.runtime;

import io.irisoperator.operator.apply.Images;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Everything the operator can be told, from the environment.
 *
 * @param trackingUri {@code MLFLOW_TRACKING_URI}: for IrisModels that name none
 * @param images {@code IRIS_MODEL_SERVER_IMAGE} and {@code IRIS_TRAINER_IMAGE}
 * @param namespaces {@code WATCH_NAMESPACES}: with commas between; empty for all
 * @param pollInterval {@code POLL_INTERVAL_SECONDS}: how often MLflow is asked about each resource,
 *     10 by default
 * @param leaderElection {@code LEADER_ELECTION}: whether only one of several operators works, true
 *     by default
 * @param namespace {@code POD_NAMESPACE}: where the Lease is
 * @param pod {@code POD_NAME}: who this is
 * @param port {@code PORT}: of health and metrics, 8080 by default
 */
public record OperatorConfig(
    URI trackingUri,
    Images images,
    Set<String> namespaces,
    Duration pollInterval,
    boolean leaderElection,
    String namespace,
    String pod,
    int port) {
  public OperatorConfig {
    namespaces = Set.copyOf(namespaces);
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong
   */
  public static OperatorConfig from(Map<String, String> environment) {
    Environment env = new Environment(environment);
    String trackingUri = env.required("MLFLOW_TRACKING_URI");
    if (!trackingUri.matches("https?://.+")) {
      throw new IllegalArgumentException(
          "MLFLOW_TRACKING_URI must be an http or https URL, it is " + trackingUri);
    }
    return new OperatorConfig(
        URI.create(trackingUri),
        new Images(env.required("IRIS_MODEL_SERVER_IMAGE"), env.required("IRIS_TRAINER_IMAGE")),
        Arrays.stream(env.optional("WATCH_NAMESPACES").orElse("").split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toUnmodifiableSet()),
        Duration.ofSeconds(env.whole("POLL_INTERVAL_SECONDS", 10)),
        env.optional("LEADER_ELECTION").map(Boolean::parseBoolean).orElse(true),
        env.required("POD_NAMESPACE"),
        env.required("POD_NAME"),
        env.whole("PORT", 8080));
  }

  private record Environment(Map<String, String> variables) {
    Optional<String> optional(String name) {
      return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    String required(String name) {
      return optional(name).orElseThrow(() -> new IllegalArgumentException(name + " is not set"));
    }

    int whole(String name, int absent) {
      Optional<String> text = optional(name);
      try {
        int value = text.map(Integer::parseInt).orElse(absent);
        if (value > 0) {
          return value;
        }
      } catch (NumberFormatException e) {
        // Refused below, like a number out of range.
      }
      throw new IllegalArgumentException(
          name + " must be a whole number from 1 on, it is " + text.orElse(""));
    }
  }
}
