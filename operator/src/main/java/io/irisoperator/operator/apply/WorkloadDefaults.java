package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.irisoperator.config.Proxies;
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
 * @param credentialsSecret a Secret in the IrisModel's namespace with credentials for that server
 * @param caBundleConfigMap a ConfigMap in the IrisModel's namespace with the certificates of that
 *     server's authority
 * @param proxies that lead to MLflow and to training data
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
    Optional<String> caBundleConfigMap,
    Proxies proxies,
    Optional<String> podLogFormat,
    Map<String, String> monitoringLabels,
    Map<String, String> dashboardLabels,
    URI runbookUrl) {
  public WorkloadDefaults {
    imagePullSecrets = List.copyOf(imagePullSecrets);
    monitoringLabels = Map.copyOf(monitoringLabels);
    dashboardLabels = Map.copyOf(dashboardLabels);
  }

  /** The environment that every pod has. */
  public List<EnvVar> env() {
    List<EnvVar> env = new ArrayList<>();
    proxies.variables().forEach((name, value) -> env.add(new EnvVar(name, value, null)));
    podLogFormat.ifPresent(format -> env.add(new EnvVar("LOG_FORMAT", format, null)));
    return env;
  }
}
