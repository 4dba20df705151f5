package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The operator's settings for the resources that it creates.
 *
 * @param modelServer the image of model servers whose IrisModel names none
 * @param trainer the image of trainers; empty if the operator does not train
 * @param imagePullSecrets Secrets in the IrisModel's namespace that images are pulled with
 * @param trackingUri the operator's MLflow server
 * @param credentialsSecret a Secret in the IrisModel's namespace with {@code username} and {@code
 *     password} for that server
 * @param podLogFormat the log format of pods, if it is not their default
 * @param monitoringLabels labels of ServiceMonitors and PrometheusRules
 * @param dashboardLabels labels of ConfigMaps with dashboards
 * @param runbookUrl the folder of the alerts' runbooks; the alert's name and {@code .md} follow
 */
public record WorkloadDefaults(
    String modelServer,
    Optional<String> trainer,
    List<String> imagePullSecrets,
    URI trackingUri,
    Optional<String> credentialsSecret,
    Optional<String> podLogFormat,
    Map<String, String> monitoringLabels,
    Map<String, String> dashboardLabels,
    URI runbookUrl) {
  public WorkloadDefaults {
    imagePullSecrets = List.copyOf(imagePullSecrets);
    monitoringLabels = Map.copyOf(monitoringLabels);
    dashboardLabels = Map.copyOf(dashboardLabels);
  }

  /**
   * The environment that every pod has.
   *
   * @param uri the MLflow server that it uses: the credentials are for the operator's
   */
  public List<EnvVar> env(String uri) {
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
