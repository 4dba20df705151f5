package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A user requires bearer tokens, serves over TLS and restricts connections. */
@Tag("node")
@ExtendWith(StackExtension.class)
class AccessControlIT {
  private static final String NAME = "secured";
  private static final String TOKENS = "secured-tokens";
  private static final String CERTIFICATE = "secured-tls";
  private static final String TOKEN = "shop-token";
  private static final String NEXT_TOKEN = "next-shop-token";

  private final Stack stack;

  @TempDir private Path folder;

  AccessControlIT(Stack stack) {
    this.stack = stack;
  }

  @Test
  void servesAuthenticatedClientsOverTlsAndIsStillProbedAndScraped() throws Exception {
    applySecret(TOKENS, Map.of("shop", sha256(TOKEN)));
    applyCertificate("first");
    Run run = stack.mlflow.trainedRun();
    stack.irisModels.apply(
        NAME,
        spec(run, "tls: {secretName: secured-tls}, networkPolicy: {allowedNamespaces: [shop]}, "));
    stack.irisModels.awaitReady(NAME, run.runId());
    assertThat(stack.irisModels.status(NAME).url()).isEqualTo("https://secured.mlops.svc");
    String address = stack.irisModels.clusterIp(NAME);

    assertThat(predict("https://" + address, TOKEN)).contains("\"setosa\"").endsWith("200");
    assertThat(predict("https://" + address, "another")).endsWith("401");
    assertThat(curl("http://" + address + ":8081/metrics"))
        .contains("iris_api_requests_total{endpoint=\"/predict\",method=\"POST\",status=\"401\"}");
    try (Prometheus prometheus = new Prometheus()) {
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () ->
                  assertThat(prometheus.value("max(up{namespace=\"mlops\",service=\"secured\"})"))
                      .isEqualTo(1));
    }

    assertThat(networkPolicy().get().getSpec().getIngress()).hasSize(2);

    try (LoadGenerator load =
        LoadGenerator.withToken(
            stack, NAME, List.of(stack.mlflow.files(run)), Duration.ofMinutes(10), TOKEN)) {
      // A second token and another certificate are loaded without a new pod.
      Pod before = readyPod();
      applySecret(TOKENS, Map.of("shop", sha256(TOKEN), "shop-next", sha256(NEXT_TOKEN)));
      applyCertificate("second");
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> {
                assertThat(predict("https://" + address, NEXT_TOKEN)).endsWith("200");
                assertThat(curl("-v", "https://" + address + "/docs/")).contains("CN=second");
              });
      load.assertNoErrors();
      assertThat(readyPod().getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
      assertThat(restarts(readyPod())).isEqualTo(restarts(before));

      // A Secret that does not exist: the pod that serves stays until new pods are ready.
      stack.irisModels.apply(NAME, spec(run, "tls: {secretName: missing}, "));
      await()
          .untilAsserted(
              () ->
                  assertThat(stack.irisModels.condition(NAME, ConditionType.READY).getMessage())
                      .contains("missing"));
      load.assertNoErrors();
      assertThat(readyPod().getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
    }
    applySecret(TOKENS, Map.of("shop-next", sha256(NEXT_TOKEN)));
    stack.irisModels.apply(NAME, spec(run, ""));
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () -> {
              assertThat(predict("http://" + address, NEXT_TOKEN)).endsWith("200");
              assertThat(predict("http://" + address, TOKEN)).endsWith("401");
              assertThat(stack.irisModels.status(NAME).url()).isEqualTo("http://secured.mlops.svc");
              assertThat(networkPolicy().get()).isNull();
            });
    stack.irisModels.delete(NAME);
    stack.client.secrets().inNamespace(NAMESPACE).withName(TOKENS).delete();
    stack.client.secrets().inNamespace(NAMESPACE).withName(CERTIFICATE).delete();
  }

  private static String spec(Run run, String moreServing) {
    return "{model: {runId: %s}, serving: {%sauth: {tokensSecretName: secured-tokens}}}"
        .formatted(run.runId(), moreServing);
  }

  private Resource<NetworkPolicy> networkPolicy() {
    return stack.client.network().v1().networkPolicies().inNamespace(NAMESPACE).withName(NAME);
  }

  private Pod readyPod() {
    return stack.irisModels.pods(NAME).stream()
        .filter(Readiness::isPodReady)
        .findFirst()
        .orElseThrow();
  }

  private static int restarts(Pod pod) {
    return pod.getStatus().getContainerStatuses().getFirst().getRestartCount();
  }

  private String predict(String url, String token) throws Exception {
    return curl(
        "-H",
        "Authorization: Bearer " + token,
        "-H",
        "Content-Type: application/json",
        "-d",
        TestData.SETOSA,
        "-w",
        "%{http_code}",
        url + "/predict");
  }

  /** Requests a URL from the node, which reaches cluster IPs. */
  private String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "-k", "--max-time", "10", "--stderr", "-"));
    command.addAll(List.of(arguments));
    return stack.commands.run(command);
  }

  private void applyCertificate(String commonName) throws Exception {
    Path key = folder.resolve("tls.key");
    Path certificate = folder.resolve("tls.crt");
    stack.commands.run(
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
        certificate.toString());
    applySecret(
        CERTIFICATE,
        Map.of("tls.key", Files.readString(key), "tls.crt", Files.readString(certificate)));
  }

  /** Applies {@code data}, which replaces all entries; {@code stringData} would keep old ones. */
  private void applySecret(String name, Map<String, String> data) {
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
