package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A user's MLflow is behind a gateway: a token, a private authority, a prefix in the address. */
@ExtendWith(StackExtension.class)
class SecuredMlflowIT {
  private static final String NAME = "gateway";
  private static final String SECRET = "gateway-login";
  private static final String CA_BUNDLE = "gateway-ca";

  private final Stack stack;

  @TempDir private Path folder;

  SecuredMlflowIT(Stack stack) {
    this.stack = stack;
  }

  /** Also after a failure: without its MLflow an IrisModel is degraded. */
  @AfterEach
  void delete() {
    if (stack.irisModels.exists(NAME)) {
      stack.irisModels.delete(NAME);
    }
    stack.client.secrets().inNamespace(NAMESPACE).withName(SECRET).delete();
    stack.client.configMaps().inNamespace(NAMESPACE).withName(CA_BUNDLE).delete();
    stack.client.rbac().roleBindings().inNamespace(NAMESPACE).withName(SECRET).delete();
    stack.client.rbac().roles().inNamespace(NAMESPACE).withName(SECRET).delete();
  }

  @Test
  void trainsAndServesWithATokenThatIsReplaced() throws Exception {
    KeyStore keys = newKey();
    try (MlflowProxy gateway = stack.mlflow.gateway(context(keys))) {
      gateway.requireToken("first-t0ken");
      createSecret("first-t0ken");
      stack.irisModels.apply(
          NAME,
          """
          {model: {latest: {experiment: e2e_gateway}}, rollout: {analysis: {duration: 0s}},
           training: {retrain: first, parameters: {nEstimators: 5}},
           mlflow: {trackingUri: "%s", credentialsSecretName: %s, caBundleConfigMapName: %s}}
          """
              .formatted(gateway.uri(), SECRET, CA_BUNDLE));
      awaitUnresolved(
          Reason.MLFLOW_UNAUTHORIZED, "the operator may not read Secret mlops/" + SECRET);
      // As docs/mlflow-auth.md says.
      kubectl(
          "create",
          "role",
          SECRET,
          "--verb=get",
          "--resource=secrets",
          "--resource-name=" + SECRET);
      kubectl(
          "create",
          "rolebinding",
          SECRET,
          "--role=" + SECRET,
          "--serviceaccount=mlops:iris-operator");
      awaitUnresolved(
          Reason.MLFLOW_UNTRUSTED, "ConfigMap mlops/" + CA_BUNDLE + " does not exist: create it");
      kubectl("create", "configmap", CA_BUNDLE, "--from-file=ca.crt=" + pem(keys));
      stack.irisModels.awaitReady(NAME);

      List<String> pods = stack.irisModels.podUids(NAME);
      Instant expired = Instant.now();
      gateway.requireToken("second-t0ken");
      awaitUnresolved(
          Reason.MLFLOW_UNAUTHORIZED,
          "answered 401",
          "put valid credentials into Secret mlops/" + SECRET);
      Timings.record("token expired → condition", expired, Instant.now());
      assertThat(Duration.between(expired, Instant.now())).isLessThan(Duration.ofSeconds(30));
      assertThat(stack.irisModels.isTrue(NAME, ConditionType.READY)).isTrue();
      assertThat(new PredictionClient(stack, NAME).predict(TestData.rows(3))).hasSize(3);

      createSecret("second-t0ken");
      await().until(() -> stack.irisModels.isTrue(NAME, ConditionType.MODEL_RESOLVED));
      stack.irisModels.annotateRetrain(NAME, "second");
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> stack.irisModels.status(NAME).history().size() == 1);
      stack.irisModels.awaitReady(NAME);
      assertThat(stack.irisModels.podUids(NAME)).doesNotContainAnyElementsOf(pods);
      assertNoTokenIsExposed();
    }
  }

  private void awaitUnresolved(Reason reason, String... words) {
    await()
        .untilAsserted(
            () -> {
              assertThat(stack.irisModels.condition(NAME, ConditionType.MODEL_RESOLVED).getReason())
                  .isEqualTo(reason.toString());
              assertThat(
                      stack.irisModels.condition(NAME, ConditionType.MODEL_RESOLVED).getMessage())
                  .contains(words);
            });
  }

  private void createSecret(String token) throws Exception {
    kubectl("delete", "secret", SECRET, "--ignore-not-found");
    kubectl("create", "secret", "generic", SECRET, "--from-literal=token=" + token);
  }

  private void assertNoTokenIsExposed() throws Exception {
    String output =
        kubectl("logs", "deployment/iris-operator")
            + kubectl("logs", "-l", "app.kubernetes.io/instance=" + NAME, "--tail=-1")
            + kubectl("get", "irismodels,deployments,jobs,events,configmaps", "-o", "yaml");
    assertThat(output).contains("e2e_gateway").doesNotContain("-t0ken");
  }

  private String kubectl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl", "-n", NAMESPACE));
    command.addAll(List.of(arguments));
    return stack.commands.run(command);
  }

  private KeyStore newKey() throws Exception {
    Path store = folder.resolve("keys.p12");
    stack.commands.run(
        System.getProperty("java.home") + "/bin/keytool",
        "-genkeypair",
        "-alias",
        "gateway",
        "-keyalg",
        "EC",
        "-groupname",
        "secp256r1",
        "-dname",
        "CN=gateway",
        "-ext",
        "san=ip:" + Cluster.bridge().getHostAddress(),
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        "changeit");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    return keys;
  }

  private static SSLContext context(KeyStore keys) throws Exception {
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private Path pem(KeyStore keys) throws Exception {
    String base64 =
        Base64.getMimeEncoder().encodeToString(keys.getCertificate("gateway").getEncoded());
    return Files.writeString(
        folder.resolve("ca.crt"),
        "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n".formatted(base64));
  }
}
