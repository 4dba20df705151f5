package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.ConditionType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody lets in only who has a token, encrypts, and says who may connect. */
class GuardedIT {
  private static final String TOKEN = "a-token-of-the-shop";
  private static final String NEXT = "the-next";
  private static final String FLOWER =
      "{\"sepal_length\":5.1,\"sepal_width\":3.5,\"petal_length\":1.4,\"petal_width\":0.2}";

  @TempDir private Path folder;

  @Test
  void aGuardedModelIsServedToWhoHasATokenAndStillProbedAndScraped() throws Exception {
    try (Stack stack = new Stack()) {
      secret(stack, "guarded-tokens", Map.of("shop", sha256(TOKEN)));
      certificate(stack, "first");
      Run run = stack.trainedRun();
      stack.apply(
          "guarded",
          spec(
              run, "tls: {secretName: guarded-tls}, networkPolicy: {allowedNamespaces: [shop]}, "));
      stack.awaitReady("guarded", run.runId());
      assertThat(stack.irisModel("guarded").get().getStatus().url())
          .isEqualTo("https://guarded.mlops.svc");
      String address =
          stack
              .client
              .services()
              .inNamespace(NAMESPACE)
              .withName("guarded")
              .get()
              .getSpec()
              .getClusterIP();

      assertThat(predict(stack, "https://" + address, TOKEN))
          .contains("\"setosa\"")
          .endsWith("200");
      assertThat(predict(stack, "https://" + address, "another")).endsWith("401");
      assertThat(curl(stack, "http://" + address + ":8081/metrics"))
          .contains(
              "iris_api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"401\"}");
      try (Prometheus prometheus = new Prometheus()) {
        await()
            .atMost(Duration.ofMinutes(2))
            .untilAsserted(
                () -> assertThat(prometheus.value("max(up{service=\"guarded\"})")).isEqualTo(1));
      }

      assertThat(policies(stack).get().getSpec().getIngress()).hasSize(2);

      try (Load load =
          Load.guarded(
              stack, "guarded", List.of(stack.files(run)), Duration.ofMinutes(10), TOKEN)) {
        // Another token beside the first, and another certificate: the pod stays.
        Pod before = pod(stack);
        secret(stack, "guarded-tokens", Map.of("shop", sha256(TOKEN), "shop-next", sha256(NEXT)));
        certificate(stack, "second");
        await()
            .atMost(Duration.ofMinutes(3))
            .untilAsserted(
                () -> {
                  assertThat(predict(stack, "https://" + address, NEXT)).endsWith("200");
                  assertThat(curl(stack, "-v", "https://" + address + "/docs/"))
                      .contains("CN=second");
                });
        load.assertFlawless();
        assertThat(pod(stack).getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
        assertThat(restarts(pod(stack))).isEqualTo(restarts(before));

        // A Secret that is not there, and no TLS at all: who serves goes on until others do.
        stack.apply("guarded", spec(run, "tls: {secretName: not-there}, "));
        await()
            .untilAsserted(
                () ->
                    assertThat(stack.condition("guarded", ConditionType.READY).getMessage())
                        .contains("not-there"));
        load.assertFlawless();
        assertThat(pod(stack).getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
      }
      secret(stack, "guarded-tokens", Map.of("shop-next", sha256(NEXT)));
      stack.apply("guarded", spec(run, ""));
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () -> {
                assertThat(predict(stack, "http://" + address, NEXT)).endsWith("200");
                assertThat(predict(stack, "http://" + address, TOKEN)).endsWith("401");
                assertThat(stack.irisModel("guarded").get().getStatus().url())
                    .isEqualTo("http://guarded.mlops.svc");
                assertThat(policies(stack).get()).isNull();
              });
      stack.delete("guarded");
      stack.client.secrets().inNamespace(NAMESPACE).withName("guarded-tokens").delete();
      stack.client.secrets().inNamespace(NAMESPACE).withName("guarded-tls").delete();
    }
  }

  private static String spec(Run run, String more) {
    return "{model: {runId: %s}, serving: {%sauth: {tokensSecretName: guarded-tokens}}}"
        .formatted(run.runId(), more);
  }

  private static Resource<NetworkPolicy> policies(Stack stack) {
    return stack.client.network().v1().networkPolicies().inNamespace(NAMESPACE).withName("guarded");
  }

  /** The one that is ready. */
  private static Pod pod(Stack stack) {
    return stack
        .client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/instance", "guarded")
        .withLabel("app.kubernetes.io/name", "iris-model-server")
        .list()
        .getItems()
        .stream()
        .filter(Readiness::isPodReady)
        .findFirst()
        .orElseThrow();
  }

  private static int restarts(Pod pod) {
    return pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
  }

  private static String predict(Stack stack, String url, String token) throws Exception {
    return curl(
        stack,
        "-H",
        "Authorization: Bearer " + token,
        "-H",
        "Content-Type: application/json",
        "-d",
        FLOWER,
        "-w",
        "%{http_code}",
        url + "/predict");
  }

  /** From the node, on which Services can be reached. */
  private static String curl(Stack stack, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "-k", "--max-time", "10", "--stderr", "-"));
    command.addAll(List.of(arguments));
    return stack.run(Map.of(), command);
  }

  private void certificate(Stack stack, String commonName) throws Exception {
    Path key = folder.resolve("tls.key");
    Path certificate = folder.resolve("tls.crt");
    stack.run(
        Map.of(),
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + commonName,
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString()));
    secret(
        stack,
        "guarded-tls",
        Map.of("tls.key", Files.readString(key), "tls.crt", Files.readString(certificate)));
  }

  /** Whole: an apply of stringData would leave what is not in it. */
  private static void secret(Stack stack, String name, Map<String, String> data) {
    Map<String, String> encoded = new TreeMap<>(data);
    encoded.replaceAll((key, text) -> Base64.getEncoder().encodeToString(text.getBytes(UTF_8)));
    stack
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .addToData(encoded)
                .build())
        .serverSideApply();
  }

  private static String sha256(String token) throws Exception {
    return Digests.sha256(token.getBytes(UTF_8));
  }
}
