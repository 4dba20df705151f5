package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.testkit.SelfSignedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A user's MLflow is behind a gateway: a token, a private authority, a prefix in the address. */
@ExtendWith(StackExtension.class)
class SecuredMlflowIT {
  private static final String NAME = "gateway";
  private static final String SECRET = "gateway-login";
  private static final String CA_BUNDLE = "gateway-ca";

  private final Stack stack;

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
    SelfSignedKey key = SelfSignedKey.create("gateway", "ip:" + Cluster.bridge().getHostAddress());
    try (MlflowProxy gateway = stack.mlflow.gateway(key.serverContext())) {
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
      kubectl("create", "configmap", CA_BUNDLE, "--from-literal=ca.crt=" + key.certificatePem());
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
      stack.irisModels.awaitReady(NAME);
      assertThat(stack.irisModels.podUids(NAME)).isEqualTo(pods);
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
    return stack.commands.kubectl(NAMESPACE, arguments);
  }
}
