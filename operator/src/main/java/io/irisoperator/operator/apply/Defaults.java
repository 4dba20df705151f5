package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator was told for everything that it makes.
 *
 * @param modelServer the image, where an IrisModel names none of its own
 * @param trainer the image of training Jobs; nothing where the operator is not to train
 * @param imagePullSecrets Secrets that the pods' images are pulled with, in the IrisModel's
 *     namespace
 * @param trackingUri the operator's own MLflow server
 * @param credentialsSecret a Secret with {@code username} and {@code password} for that server, in
 *     the IrisModel's namespace
 * @param podLogFormat what the pods log in, where it is not their default
 * @param monitoringLabels of ServiceMonitors and PrometheusRules
 * @param dashboardLabels of ConfigMaps with dashboards
 * @param runbookUrl where the pages about alerts are; the alert's name and {@code .md} follow
 */
public record Defaults(
    String modelServer,
    Optional<String> trainer,
    List<String> imagePullSecrets,
    URI trackingUri,
    Optional<String> credentialsSecret,
    Optional<String> podLogFormat,
    Map<String, String> monitoringLabels,
    Map<String, String> dashboardLabels,
    URI runbookUrl) {
  public Defaults {
    imagePullSecrets = List.copyOf(imagePullSecrets);
    monitoringLabels = Map.copyOf(monitoringLabels);
    dashboardLabels = Map.copyOf(dashboardLabels);
  }

  /**
   * What every pod is told.
   *
   * @param uri the MLflow server that it will ask: the credentials are for the operator's own
   */
  List<EnvVar> env(String uri) {
    List<EnvVar> env = new ArrayList<>();
    if (trackingUri.toString().equals(uri)) {
      credentialsSecret.ifPresent(
          secret -> {
            env.add(fromSecret("MLFLOW_TRACKING_USERNAME", secret, "username"));
            env.add(fromSecret("MLFLOW_TRACKING_PASSWORD", secret, "password"));
          });
    }
    podLogFormat.ifPresent(format -> env.add(new EnvVar("LOG_FORMAT", format, null)));
    return env;
  }

  private static EnvVar fromSecret(String name, String secret, String key) {
    return new EnvVarBuilder()
        .withName(name)
        .withNewValueFrom()
        .withNewSecretKeyRef(key, secret, null)
        .endValueFrom()
        .build();
  }
}
