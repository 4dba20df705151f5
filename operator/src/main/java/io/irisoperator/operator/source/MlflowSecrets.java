package io.irisoperator.operator.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.irisoperator.mlflow.CaBundle;
import io.irisoperator.mlflow.Credentials;
import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Credentials in Secrets and certificates in ConfigMaps, as IrisModels name them. They are read one
 * by one, by name: the operator needs no right to list Secrets. Thread-safe.
 */
public final class MlflowSecrets {
  private static final int MAX_CACHED = 10_000;

  private final KubernetesClient client;
  private final Cache<Name, Found> found;

  private record Name(String kind, String namespace, String name) {
    @Override
    public String toString() {
      return kind + " " + namespace + "/" + name;
    }
  }

  /** What was read: the values, or that the operator may not read them. */
  private record Found(Optional<Map<String, String>> values, boolean forbidden) {}

  /**
   * A reader.
   *
   * @param remembered how long an object is remembered, for all resources that name it
   */
  public MlflowSecrets(KubernetesClient client, Duration remembered, Clock clock) {
    this.client = client;
    this.found =
        Caffeine.newBuilder()
            .maximumSize(MAX_CACHED)
            .expireAfterWrite(remembered)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .build();
  }

  /**
   * The credentials in a Secret.
   *
   * @throws MlflowException with {@link Reason#UNAUTHORIZED} if there are none
   */
  Credentials credentials(String namespace, String secret) throws MlflowException {
    Name name = new Name("Secret", namespace, secret);
    Map<String, String> values =
        values(name, Reason.UNAUTHORIZED, "username and password, or token", this::secret);
    try {
      return Credentials.of(values)
          .orElseThrow(
              () ->
                  new MlflowException(
                      Reason.UNAUTHORIZED,
                      name + " has neither username and password nor token: add them"));
    } catch (IllegalArgumentException e) {
      throw new MlflowException(
          Reason.UNAUTHORIZED, "%s cannot be used: %s".formatted(name, e.getMessage()), e);
    }
  }

  /**
   * The certificates in a ConfigMap.
   *
   * @throws MlflowException with {@link Reason#UNTRUSTED} if there are none
   */
  CaBundle caBundle(String namespace, String configMap) throws MlflowException {
    Name name = new Name("ConfigMap", namespace, configMap);
    Map<String, String> values =
        values(name, Reason.UNTRUSTED, "certificates in PEM format", this::configMap);
    try {
      return CaBundle.of(values.values());
    } catch (CertificateException e) {
      throw new MlflowException(
          Reason.UNTRUSTED,
          "%s cannot be used: %s; put the certificates of MLflow's authority into it, in PEM format"
              .formatted(name, e.getMessage()),
          e);
    }
  }

  private Map<String, String> values(
      Name name,
      Reason reason,
      String content,
      BiFunction<String, String, Optional<Map<String, String>>> read)
      throws MlflowException {
    Found now = found.get(name, n -> find(n, read));
    if (now.forbidden()) {
      throw new MlflowException(
          reason,
          "the operator may not read %s: grant it, as docs/mlflow-auth.md says".formatted(name));
    }
    return now.values()
        .orElseThrow(
            () ->
                new MlflowException(
                    reason, "%s does not exist: create it with %s".formatted(name, content)));
  }

  private static Found find(
      Name name, BiFunction<String, String, Optional<Map<String, String>>> read) {
    try {
      return new Found(read.apply(name.namespace(), name.name()), false);
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return new Found(Optional.empty(), true);
      }
      throw e;
    }
  }

  private Optional<Map<String, String>> secret(String namespace, String name) {
    Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
    Map<String, String> values = new HashMap<>();
    if (secret != null && secret.getData() != null) {
      secret
          .getData()
          .forEach(
              (key, value) ->
                  values.put(
                      key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
    }
    return Optional.ofNullable(secret).map(_ -> values);
  }

  private Optional<Map<String, String>> configMap(String namespace, String name) {
    ConfigMap configMap = client.configMaps().inNamespace(namespace).withName(name).get();
    return Optional.ofNullable(configMap)
        .map(c -> Optional.ofNullable(c.getData()).orElseGet(Map::of));
  }
}
