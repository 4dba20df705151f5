package io.irisoperator.operator.runtime;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Setting;
import io.irisoperator.mlflow.Credentials;
import io.irisoperator.operator.apply.Defaults;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Everything the operator can be told, from the environment.
 *
 * @param trackingUri MLflow's address for IrisModels that name none
 * @param credentials of the operator's own calls to that MLflow
 * @param defaults for everything that it makes
 * @param namespaces whose IrisModels are kept; empty for all
 * @param pollInterval how often MLflow is asked about each resource
 * @param leaderElection whether only one of several operators works
 * @param namespace where the Lease is
 * @param pod who this is
 * @param port of health and metrics
 */
public record OperatorConfig(
    URI trackingUri,
    Optional<Credentials> credentials,
    Defaults defaults,
    Set<String> namespaces,
    Duration pollInterval,
    boolean leaderElection,
    String namespace,
    String pod,
    int port) {

  private static final Setting TRACKING_URI =
      Setting.required("MLFLOW_TRACKING_URI", "MLflow's address, for IrisModels that name none");
  private static final Setting CREDENTIALS_SECRET =
      Setting.optional(
          "MLFLOW_CREDENTIALS_SECRET",
          "a Secret with `username` and `password` for that MLflow, which pods read in their own namespace");
  private static final Setting MODEL_SERVER_IMAGE =
      Setting.required(
          "IRIS_MODEL_SERVER_IMAGE", "what serves, where an IrisModel names no image of its own");
  private static final Setting TRAINER_IMAGE =
      Setting.optional("IRIS_TRAINER_IMAGE", "what trains; without it no training is begun");
  private static final Setting IMAGE_PULL_SECRETS =
      Setting.optional(
          "IRIS_IMAGE_PULL_SECRETS",
          "Secrets, with commas between, that pods pull their images with, in their own namespace");
  private static final Setting MONITORING_LABELS =
      Setting.optional(
          "MONITORING_LABELS",
          "labels for ServiceMonitors and PrometheusRules, such as `release=monitoring,team=ml`");
  private static final Setting DASHBOARD_LABELS =
      Setting.withDefault(
          "DASHBOARD_LABELS", "grafana_dashboard=1", "labels for ConfigMaps with dashboards");
  private static final Setting RUNBOOK_URL =
      Setting.withDefault(
          "RUNBOOK_URL",
          "https://github.com/iris-operator/iris-operator/blob/main/docs/runbooks",
          "where the pages about alerts are");
  private static final Setting WATCH_NAMESPACES =
      Setting.optional(
          "WATCH_NAMESPACES",
          "namespaces, with commas between, whose IrisModels are kept; else all");
  private static final Setting POLL_INTERVAL =
      Setting.withDefault(
          "POLL_INTERVAL_SECONDS", "10", "how often MLflow is asked about each IrisModel");
  private static final Setting LEADER_ELECTION =
      Setting.withDefault(
          "LEADER_ELECTION", "true", "whether only one of several operators works at a time");
  private static final Setting POD_NAMESPACE =
      Setting.required("POD_NAMESPACE", "the operator's own namespace, where its Lease is");
  private static final Setting POD_NAME = Setting.required("POD_NAME", "the operator's own name");
  private static final Setting PORT =
      Setting.withDefault("PORT", "8080", "of `/healthz`, `/readyz` and `/metrics`");

  /** Every one, for the documentation. */
  public static final List<Setting> SETTINGS =
      List.of(
          TRACKING_URI,
          Setting.MLFLOW_USERNAME,
          Setting.MLFLOW_PASSWORD,
          CREDENTIALS_SECRET,
          MODEL_SERVER_IMAGE,
          TRAINER_IMAGE,
          IMAGE_PULL_SECRETS,
          MONITORING_LABELS,
          DASHBOARD_LABELS,
          RUNBOOK_URL,
          WATCH_NAMESPACES,
          POLL_INTERVAL,
          LEADER_ELECTION,
          POD_NAMESPACE,
          POD_NAME,
          PORT,
          Setting.LOG_FORMAT,
          Setting.LOG_LEVEL);

  public OperatorConfig {
    namespaces = Set.copyOf(namespaces);
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or wrong
   */
  public static OperatorConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    URI trackingUri = env.uri(TRACKING_URI);
    return new OperatorConfig(
        trackingUri,
        env.optional(Setting.MLFLOW_USERNAME)
            .map(name -> new Credentials(name, env.text(Setting.MLFLOW_PASSWORD))),
        new Defaults(
            env.text(MODEL_SERVER_IMAGE),
            env.optional(TRAINER_IMAGE),
            list(env, IMAGE_PULL_SECRETS),
            trackingUri,
            env.optional(CREDENTIALS_SECRET),
            // Pods log as the operator does.
            env.optional(Setting.LOG_FORMAT)
                .filter(format -> !Setting.LOG_FORMAT.defaultValue().equals(Optional.of(format))),
            labels(env, MONITORING_LABELS),
            labels(env, DASHBOARD_LABELS),
            env.uri(RUNBOOK_URL)),
        Set.copyOf(list(env, WATCH_NAMESPACES)),
        env.seconds(POLL_INTERVAL, 1),
        env.bool(LEADER_ELECTION),
        env.text(POD_NAMESPACE),
        env.text(POD_NAME),
        env.integer(PORT, 1));
  }

  private static List<String> list(Environment env, Setting setting) {
    return Stream.of(env.optional(setting).orElse("").split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }

  private static Map<String, String> labels(Environment env, Setting setting) {
    Map<String, String> labels = new TreeMap<>();
    for (String label : list(env, setting)) {
      List<String> pair = Arrays.asList(label.split("=", 2));
      if (pair.size() < 2) {
        throw new IllegalArgumentException(
            setting.variable() + " must be labels such as a=b,c=d, it has " + label);
      }
      labels.put(pair.getFirst(), pair.getLast());
    }
    return labels;
  }
}
