package io.irisoperator.operator.runtime;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Proxies;
import io.irisoperator.config.Setting;
import io.irisoperator.mlflow.MlflowAccess;
import io.irisoperator.operator.apply.WorkloadDefaults;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The settings of the operator, from the environment.
 *
 * @param trackingUri the MLflow server of IrisModels that name none, as pods reach it
 * @param apiUri the same server, as the operator reaches it
 * @param access what the operator reaches it with
 * @param defaults for the resources that it creates
 * @param namespaces the namespaces to watch; empty for all
 * @param selector of the IrisModels to watch, by their labels; empty for all
 * @param pollInterval how often MLflow is polled
 * @param webhook how MLflow tells of changes, if it does
 * @param reconcilerThreads how many IrisModels are reconciled at the same time: they wait for the
 *     API server most of the time, and for the pods of rollouts
 * @param leaderElection whether only one of several operators is active
 * @param namespace the operator's namespace, with its Lease and its PrometheusRules
 * @param pod the name of this operator's pod
 * @param port the port of health and metrics
 */
public record OperatorConfig(
    URI trackingUri,
    URI apiUri,
    MlflowAccess access,
    WorkloadDefaults defaults,
    Set<String> namespaces,
    Optional<String> selector,
    Duration pollInterval,
    Optional<Webhook> webhook,
    int reconcilerThreads,
    boolean leaderElection,
    String namespace,
    String pod,
    int port) {
  private static final Duration MAX_RETRY_INTERVAL = Duration.ofSeconds(30);

  /**
   * Webhooks of MLflow.
   *
   * @param secret that MLflow signs with
   * @param url to register at the operator's own MLflow; empty to register nothing
   */
  public record Webhook(String secret, Optional<URI> url) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "Webhook[url=" + url + "]";
    }
  }

  private static final Setting TRACKING_URI =
      Setting.required("MLFLOW_TRACKING_URI", "MLflow's address, for IrisModels that name none");
  private static final Setting API_URI =
      Setting.optional(
          "MLFLOW_API_URI",
          "the address of that MLflow for the operator's own calls, if it differs, as with a port-forward");
  private static final Setting CREDENTIALS_SECRET =
      Setting.optional(
          "MLFLOW_CREDENTIALS_SECRET",
          "a Secret with `username` and `password`, or `token`, for that MLflow, in the namespace of each IrisModel");
  private static final Setting CA_BUNDLE_CONFIG_MAP =
      Setting.optional(
          "MLFLOW_CA_BUNDLE_CONFIG_MAP",
          "a ConfigMap with the certificates of that MLflow's authority, in the namespace of each IrisModel");
  private static final Setting MODEL_SERVER_IMAGE =
      Setting.required(
          "IRIS_MODEL_SERVER_IMAGE",
          "the image of model servers, unless an IrisModel names another");
  private static final Setting TRAINER_IMAGE =
      Setting.optional(
          "IRIS_TRAINER_IMAGE", "the image of trainers; without it no training starts");
  private static final Setting IMAGE_PULL_SECRETS =
      Setting.optional(
          "IRIS_IMAGE_PULL_SECRETS",
          "a comma-separated list of Secrets for pulling images, in the namespace of each IrisModel");
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
          "the folder of the alerts' runbooks");
  private static final Setting WATCH_NAMESPACES =
      Setting.optional(
          "WATCH_NAMESPACES",
          "a comma-separated list of namespaces to watch; all if it is not set");
  private static final Setting WATCH_SELECTOR =
      Setting.optional(
          "WATCH_SELECTOR",
          "a label selector of the IrisModels to watch, such as `shard=a`; all if it is not set");
  private static final Setting POLL_INTERVAL =
      Setting.withDefault("POLL_INTERVAL_SECONDS", "10", "how often MLflow is polled");
  private static final Setting WEBHOOK_SECRET =
      Setting.optional(
          "WEBHOOK_SECRET",
          "the secret that MLflow signs webhooks with; without it `/webhooks/mlflow` is not served");
  private static final Setting WEBHOOK_URL =
      Setting.optional(
          "WEBHOOK_URL",
          "the address of `/webhooks/mlflow` for that MLflow, to register the webhook there");
  private static final Setting RECONCILER_THREADS =
      Setting.withDefault(
          "RECONCILER_THREADS", "20", "how many IrisModels are reconciled at the same time");
  private static final Setting LEADER_ELECTION =
      Setting.withDefault(
          "LEADER_ELECTION", "true", "whether only one of several operators is active");
  private static final Setting POD_NAMESPACE =
      Setting.required(
          "POD_NAMESPACE", "the operator's namespace, which has its Lease and its PrometheusRules");
  private static final Setting POD_NAME =
      Setting.required("POD_NAME", "the name of the operator's pod");
  private static final Setting PORT =
      Setting.withDefault("PORT", "8080", "the port of `/healthz`, `/readyz` and `/metrics`");

  /** All settings, for the documentation. */
  public static final List<Setting> SETTINGS =
      Setting.concat(
          List.of(
              List.of(TRACKING_URI, API_URI),
              MlflowAccess.SETTINGS,
              List.of(CREDENTIALS_SECRET, CA_BUNDLE_CONFIG_MAP),
              Proxies.SETTINGS,
              List.of(
                  MODEL_SERVER_IMAGE,
                  TRAINER_IMAGE,
                  IMAGE_PULL_SECRETS,
                  MONITORING_LABELS,
                  DASHBOARD_LABELS,
                  RUNBOOK_URL,
                  WATCH_NAMESPACES,
                  WATCH_SELECTOR,
                  POLL_INTERVAL,
                  WEBHOOK_SECRET,
                  WEBHOOK_URL,
                  RECONCILER_THREADS,
                  LEADER_ELECTION,
                  POD_NAMESPACE,
                  POD_NAME,
                  PORT,
                  Setting.LOG_FORMAT,
                  Setting.LOG_LEVEL)));

  public OperatorConfig {
    namespaces = Set.copyOf(namespaces);
  }

  /**
   * Reads the environment.
   *
   * @throws IllegalArgumentException naming the variable that is missing or invalid
   */
  public static OperatorConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    URI trackingUri = env.uri(TRACKING_URI);
    return new OperatorConfig(
        trackingUri,
        env.optional(API_URI).isPresent() ? env.uri(API_URI) : trackingUri,
        MlflowAccess.from(env),
        new WorkloadDefaults(
            env.text(MODEL_SERVER_IMAGE),
            env.optional(TRAINER_IMAGE),
            list(env, IMAGE_PULL_SECRETS),
            trackingUri,
            env.optional(CREDENTIALS_SECRET),
            env.optional(CA_BUNDLE_CONFIG_MAP),
            Proxies.of(env),
            // Pods log in the format of the operator.
            env.optional(Setting.LOG_FORMAT)
                .filter(format -> !Setting.LOG_FORMAT.defaultValue().equals(Optional.of(format))),
            labels(env, MONITORING_LABELS),
            labels(env, DASHBOARD_LABELS),
            env.uri(RUNBOOK_URL)),
        Set.copyOf(list(env, WATCH_NAMESPACES)),
        env.optional(WATCH_SELECTOR),
        env.seconds(POLL_INTERVAL, 1),
        env.optional(WEBHOOK_SECRET)
            .map(
                secret ->
                    new Webhook(secret, env.optional(WEBHOOK_URL).map(_ -> env.uri(WEBHOOK_URL)))),
        env.integer(RECONCILER_THREADS, 1),
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
            setting.variable() + " must be labels such as a=b,c=d, but has " + label);
      }
      labels.put(pair.getFirst(), pair.getLast());
    }
    return labels;
  }

  /**
   * How long until what failed is tried again, if no event would tell. MLflow may be polled more
   * rarely, if it tells of changes.
   */
  public Duration retryInterval() {
    return Collections.min(List.of(pollInterval, MAX_RETRY_INTERVAL));
  }
}
