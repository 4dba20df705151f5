package io.irisoperator.operator.apply;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.irisoperator.contract.MlflowEnv;
import io.irisoperator.mlflow.Credentials;
import io.irisoperator.operator.api.MlflowSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a pod reaches an MLflow server with: a Secret and a ConfigMap of its namespace, as folders,
 * so that new values need no restart. Both are optional: a pod that has a stored copy starts
 * without MLflow.
 */
public record MlflowMounts(Optional<String> credentialsSecret, Optional<String> caBundleConfigMap) {
  private static final String CREDENTIALS = "mlflow-credentials";
  private static final String CA_BUNDLE = "mlflow-ca-bundle";

  /**
   * Those of a pod. What a spec names is for the server of that spec, and what the operator has is
   * for the operator's.
   *
   * @param trackingUri the server that the pod uses
   * @param mlflow of the spec; may be null, as in the resource
   */
  public static MlflowMounts of(String trackingUri, MlflowSpec mlflow, WorkloadDefaults defaults) {
    String own = defaults.trackingUri().toString();
    Optional<MlflowSpec> named =
        Optional.ofNullable(mlflow)
            .filter(m -> trackingUri.equals(Optional.ofNullable(m.trackingUri()).orElse(own)));
    boolean isOwn = trackingUri.equals(own);
    Optional<String> caBundle = named.map(MlflowSpec::caBundleConfigMapName);
    return new MlflowMounts(
        named
            .map(MlflowSpec::credentialsSecretName)
            // Whom a resource trusts gets its credentials, not the operator's.
            .or(() -> defaults.credentialsSecret().filter(_ -> isOwn && caBundle.isEmpty())),
        caBundle.or(() -> defaults.caBundleConfigMap().filter(_ -> isOwn)));
  }

  /** The variables that name the folders. */
  public List<EnvVar> env() {
    List<EnvVar> env = new ArrayList<>();
    credentialsSecret.ifPresent(
        _ -> env.add(new EnvVar(MlflowEnv.CREDENTIALS_FOLDER, folder(CREDENTIALS), null)));
    caBundleConfigMap.ifPresent(
        _ -> env.add(new EnvVar(MlflowEnv.CA_BUNDLE_FOLDER, folder(CA_BUNDLE), null)));
    return env;
  }

  /** The volumes of the folders. */
  public List<Volume> volumes() {
    List<Volume> volumes = new ArrayList<>();
    credentialsSecret.ifPresent(
        secret ->
            volumes.add(
                new VolumeBuilder()
                    .withName(CREDENTIALS)
                    .withNewSecret()
                    .withSecretName(secret)
                    .withOptional(true)
                    .withItems(
                        Credentials.KEYS.stream()
                            .map(key -> new KeyToPath(key, null, key))
                            .toList())
                    .endSecret()
                    .build()));
    caBundleConfigMap.ifPresent(
        configMap ->
            volumes.add(
                new VolumeBuilder()
                    .withName(CA_BUNDLE)
                    .withNewConfigMap()
                    .withName(configMap)
                    .withOptional(true)
                    .endConfigMap()
                    .build()));
    return volumes;
  }

  /** Where the volumes are mounted. */
  public List<VolumeMount> mounts() {
    return volumes().stream()
        .map(
            volume ->
                new VolumeMountBuilder()
                    .withName(volume.getName())
                    .withMountPath(folder(volume.getName()))
                    .withReadOnly(true)
                    .build())
        .toList();
  }

  private static String folder(String volume) {
    return "/" + volume;
  }
}
