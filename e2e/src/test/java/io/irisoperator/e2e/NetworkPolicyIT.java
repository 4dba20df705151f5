package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.irisoperator.mlflow.Run;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A user restricts connections with network policies, on a cluster that enforces them. */
@Tag("node")
@ExtendWith(StackExtension.class)
class NetworkPolicyIT {
  private static final String NAME = "guarded";
  private static final String SHOP = "policy-shop";
  private static final String OTHER = "policy-other";
  private static final Map<String, String> PART_OF_THE_PRODUCT =
      Map.of("app.kubernetes.io/part-of", "iris-operator");
  private static final String ANSWER = "{\"message\":\"alive\"}";
  private static final String REFUSAL = "Connection refused";

  private final Stack stack;
  private final ShellPod shop;
  private final ShellPod other;

  NetworkPolicyIT(Stack stack) {
    this.stack = stack;
    shop = new ShellPod(stack.client, SHOP, PART_OF_THE_PRODUCT);
    other = new ShellPod(stack.client, OTHER, Map.of());
  }

  @BeforeAll
  static void serve(Stack stack) throws Exception {
    for (String namespace : List.of(SHOP, OTHER)) {
      stack
          .client
          .resource(
              new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
          .serverSideApply();
    }
    Run run = stack.mlflow.trainedRun();
    stack.irisModels.apply(
        NAME,
        "{model: {runId: %s}, serving: {networkPolicy: {allowedNamespaces: [%s]}}}"
            .formatted(run.runId(), SHOP));
    stack.irisModels.awaitReady(NAME, run.runId());
  }

  @AfterAll
  static void delete(Stack stack) {
    stack.irisModels.delete(NAME);
    for (String namespace : List.of(SHOP, OTHER)) {
      stack.client.namespaces().withName(namespace).delete();
    }
  }

  @Test
  void onlyPodsOfAllowedNamespacesReachTheModel() {
    String url = "http://" + stack.irisModels.clusterIp(NAME) + "/health/live";
    for (ShellPod pod : List.of(shop, stack.shell)) {
      awaitAnswer(pod, url, ANSWER);
    }
    awaitAnswer(other, url, REFUSAL);
    // Other models answer.
    awaitAnswer(other, "http://" + stack.irisModels.clusterIp("iris") + "/health/live", ANSWER);
  }

  @Test
  void allPodsReachTheManagementPortWhichAnswersNoPredictions() {
    String management = "http://" + pod(NAME).getStatus().getPodIP() + ":8081";
    awaitAnswer(other, management + "/metrics", "# TYPE iris_");
    awaitAnswer(other, management + "/predict", "404 Not Found");
  }

  @Test
  void theModelServerReachesMlflowAndDnsOnly() throws Exception {
    // The pods behind it listen on another port, as OpenShift's do.
    assertThat(connect(NAME, Cluster.clusterIp(stack.client, "kube-system", "kube-dns"), 53))
        .isEqualTo("connected");
    assertThat(connect(NAME, Cluster.clusterIp(stack.client, NAMESPACE, "mlflow"), 5000))
        .isEqualTo("connected");
    String probe = dnsPod().getStatus().getPodIP();
    assertThat(connect(NAME, probe, 8181)).contains(REFUSAL);
    // Without a policy it is reached.
    assertThat(connect("iris", probe, 8181)).isEqualTo("connected");
  }

  @Test
  void mlflowAnswersPodsOfItsNamespaceAndOfTheProductOnly() {
    String url = "http://" + Cluster.clusterIp(stack.client, NAMESPACE, "mlflow") + ":5000/health";
    for (ShellPod pod : List.of(shop, stack.shell)) {
      awaitAnswer(pod, url, "OK");
    }
    awaitAnswer(other, url, REFUSAL);
  }

  /** A policy has an effect on a new pod some seconds after its start. */
  private static void awaitAnswer(ShellPod pod, String url, String answer) {
    await()
        .untilAsserted(
            () -> assertThat(pod.run("wget -q -O- " + url + " 2>&1 || true")).contains(answer));
  }

  /** Connects from the network namespace of a pod of this model. */
  private String connect(String model, String address, int port) throws Exception {
    String script = "exec 3<>/dev/tcp/%s/%d && echo connected || true".formatted(address, port);
    long process = NodeProcesses.jvms(pod(model)).getFirst().pid();
    return stack
        .commands
        .run(
            "nsenter", "-t", Long.toString(process), "-n", "bash", "-c", "{ " + script + "; } 2>&1")
        .strip();
  }

  private Pod pod(String model) {
    return stack.irisModels.pods(model).getFirst();
  }

  private Pod dnsPod() {
    return stack
        .client
        .pods()
        .inNamespace("kube-system")
        .withLabel("k8s-app", "kube-dns")
        .list()
        .getItems()
        .getFirst();
  }
}
