package io.irisoperator.operator.source;

import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.MlflowSpec;
import java.net.URI;
import java.util.Optional;

/**
 * The MLflow server that a resource uses.
 *
 * @param namespace of the Secret and the ConfigMap: the resource's own
 * @param credentialsSecret the Secret that the resource names
 * @param caBundleConfigMap the ConfigMap that the resource names
 */
public record MlflowServer(
    URI trackingUri,
    String namespace,
    Optional<String> credentialsSecret,
    Optional<String> caBundleConfigMap) {

  /**
   * That of a spec.
   *
   * @param operatorDefault the server of specs that name none
   */
  public static MlflowServer of(String namespace, IrisModelSpec spec, URI operatorDefault) {
    Optional<MlflowSpec> mlflow = Optional.ofNullable(spec.mlflow());
    return new MlflowServer(
        spec.trackingUri(operatorDefault),
        namespace,
        mlflow.map(MlflowSpec::credentialsSecretName),
        mlflow.map(MlflowSpec::caBundleConfigMapName));
  }
}
