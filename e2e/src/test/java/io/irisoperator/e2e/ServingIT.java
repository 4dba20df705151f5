package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModelStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Somebody applies an IrisModel and asks it for predictions. */
class ServingIT {
  private static Stack stack;
  private static Run trained;

  @BeforeAll
  static void connect() throws Exception {
    stack = new Stack();
    trained = stack.trainedRun();
  }

  @AfterAll
  static void disconnect() {
    stack.close();
  }

  @Test
  void anAppliedModelIsReadyWithinAMinuteAndAnswersAsOnnxRuntimeDoes() throws Exception {
    stack.apply("applied", "{model: {runId: " + trained.runId() + "}}");
    stack.awaitReady("applied", trained.runId());
    IrisModelStatus status = stack.irisModel("applied").get().getStatus();
    assertThat(status.url()).isEqualTo("http://applied.mlops.svc");
    assertThat(status.model().metrics()).containsEntry("test_accuracy", 0.987);
    new Predictions(stack, "applied.mlops.svc")
        .assertAnswersAs(stack.files(trained).get("model.onnx"), 30);
    stack.delete("applied");
  }

  /** A JVM that finds anything different from when its cache was made goes on without, silently. */
  @Test
  void operatorAndModelServerStartFromTheirAotCaches() {
    for (String program : List.of("iris-operator", "iris-model-server")) {
      await()
          .untilAsserted(
              () ->
                  assertThat(readyPods(program))
                      .isNotEmpty()
                      .allSatisfy(
                          pod ->
                              assertThat(Stack.javaProcesses(pod))
                                  .singleElement()
                                  .satisfies(
                                      jvm ->
                                          assertThat(Stack.ofProcess(jvm, "maps"))
                                              .contains("/app/app.aot"))));
    }
  }

  private static List<Pod> readyPods(String program) {
    return stack
        .client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", program)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(Readiness::isPodReady)
        .toList();
  }

  @Test
  void deletingAModelTakesAwayAllItMadeAndNothingElse() throws Exception {
    stack.awaitNoEndingPods();
    List<String> before = objects();
    stack.apply(
        "deleted",
        "{model: {runId: "
            + trained.runId()
            + "}, training: {retrain: x, experiment: e2e_deleted}}");
    stack.awaitReady("deleted", trained.runId());
    assertThat(objects()).hasSizeGreaterThan(before.size() + 4);
    stack.irisModel("deleted").delete();
    await().untilAsserted(() -> assertThat(objects()).isEqualTo(before));
  }

  /** Everything in the namespace but what the cluster itself writes, sorted. */
  private static List<String> objects() {
    List<HasMetadata> all = new ArrayList<>();
    all.addAll(stack.client.apps().deployments().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.apps().replicaSets().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.services().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.configMaps().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.secrets().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.serviceAccounts().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.batch().v1().jobs().inNamespace(NAMESPACE).list().getItems());
    all.addAll(stack.client.pods().inNamespace(NAMESPACE).list().getItems());
    return all.stream().map(o -> o.getKind() + "/" + o.getMetadata().getName()).sorted().toList();
  }

  @Test
  void aModelWithTheNameOfSomethingElseTouchesItNot() throws Exception {
    var service = stack.client.services().inNamespace(NAMESPACE).withName("mlflow");
    var deployment = stack.client.apps().deployments().inNamespace(NAMESPACE).withName("mlflow");
    var serviceSpec = service.get().getSpec();
    var template = deployment.get().getSpec().getTemplate();
    stack.apply("mlflow", "{model: {runId: " + trained.runId() + "}}");
    await()
        .untilAsserted(
            () -> {
              Condition degraded = stack.condition("mlflow", ConditionType.DEGRADED);
              assertThat(degraded.getReason()).isEqualTo("ApplyFailed");
              assertThat(degraded.getMessage())
                  .contains("services/mlflow already exists", "deployments/mlflow already exists");
            });
    stack.irisModel("mlflow").delete();
    await().until(() -> stack.irisModel("mlflow").get() == null);
    assertThat(service.get().getSpec()).isEqualTo(serviceSpec);
    assertThat(deployment.get().getSpec().getTemplate()).isEqualTo(template);
    assertThat(deployment.get().getMetadata().getOwnerReferences()).isEmpty();
  }

  @Test
  void whatSomebodyDeletesOrEditsByHandComesBack() throws Exception {
    stack.apply("healed", "{model: {runId: " + trained.runId() + "}}");
    stack.awaitReady("healed", trained.runId());
    var deployments = stack.client.apps().deployments().inNamespace(NAMESPACE).withName("healed");
    var services = stack.client.services().inNamespace(NAMESPACE).withName("healed");
    var dashboards = stack.client.configMaps().inNamespace(NAMESPACE).withName("healed-dashboard");

    String uid = services.get().getMetadata().getUid();
    services.delete();
    await().until(() -> !services.get().getMetadata().getUid().equals(uid));

    ConfigMap dashboard = dashboards.get();
    dashboards.edit(
        map -> {
          map.getData().replaceAll((key, json) -> "{}");
          map.getMetadata().getLabels().clear();
          return map;
        });
    await()
        .untilAsserted(
            () -> {
              assertThat(dashboards.get().getData()).isEqualTo(dashboard.getData());
              assertThat(dashboards.get().getMetadata().getLabels())
                  .isEqualTo(dashboard.getMetadata().getLabels());
            });

    deployments.edit(
        d -> {
          d.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage("busybox:stable");
          d.getSpec().setReplicas(4);
          return d;
        });
    await()
        .untilAsserted(
            () -> {
              var spec = deployments.get().getSpec();
              assertThat(spec.getReplicas()).isEqualTo(1);
              assertThat(spec.getTemplate().getSpec().getContainers().getFirst().getImage())
                  .contains("iris-model-server");
            });

    deployments.delete();
    await().until(() -> deployments.get() != null);
    stack.awaitReady("healed", trained.runId());
    stack.delete("healed");
  }

  @Test
  void kubectlScaleScales() throws Exception {
    stack.apply("scaled", "{model: {runId: " + trained.runId() + "}, serving: {replicas: 1}}");
    stack.awaitReady("scaled", trained.runId());
    kubectl("scale", "irismodel/scaled", "--replicas=2");
    await().until(() -> stack.irisModel("scaled").get().getStatus().readyReplicas() == 2);
    kubectl("scale", "irismodel/scaled", "--replicas=0");
    await()
        .until(
            () ->
                stack.condition("scaled", ConditionType.READY).getReason().equals("ScaledToZero"));
    stack.delete("scaled");
  }

  /** With no metrics server here it can keep the least number, and that is what is seen. */
  @Test
  void anAutoscalerScalesTheIrisModelItself() throws Exception {
    stack.apply(
        "autoscaled",
        "{model: {runId: %s}, serving: {autoscaling: {minReplicas: 2, maxReplicas: 3}}}"
            .formatted(trained.runId()));
    await()
        .untilAsserted(
            () -> {
              assertThat(stack.irisModel("autoscaled").get().getSpec().serving().replicas())
                  .isEqualTo(2);
              assertThat(stack.irisModel("autoscaled").get().getStatus().readyReplicas())
                  .isEqualTo(2);
            });
    var autoscalers =
        stack
            .client
            .autoscaling()
            .v2()
            .horizontalPodAutoscalers()
            .inNamespace(NAMESPACE)
            .withName("autoscaled");
    assertThat(autoscalers.get().getStatus().getConditions())
        .anyMatch(c -> c.getType().equals("AbleToScale") && c.getStatus().equals("True"));
    stack.apply("autoscaled", "{model: {runId: " + trained.runId() + "}, serving: {replicas: 1}}");
    await().until(() -> autoscalers.get() == null);
    stack.delete("autoscaled");
  }

  private static String kubectl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("kubectl", "-n", NAMESPACE));
    command.addAll(List.of(arguments));
    return stack.run(Map.of(), command);
  }

  @Test
  void anIdleOperatorWritesNothing() throws Exception {
    List<String> names = Stream.of(1, 2, 3, 4).map(n -> "idle-" + n).toList();
    for (String name : names) {
      stack.apply(name, "{model: {latest: {experiment: " + Stack.EXPERIMENT + "}}}");
    }
    for (String name : names) {
      stack.awaitReady(name, stack.irisModel("iris").get().getStatus().model().runId());
    }
    // The quickstart's own is the fifth. What was begun has to end first: two counts alike, five
    // seconds apart.
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(5))
        .until(new Steady()::isSteady);
    Map<String, Long> before = writes();
    // The period is what is measured: it is no wait for something to happen.
    Thread.sleep(Duration.ofSeconds(Stack.FULL ? 60 : 20));
    assertThat(writes()).isEqualTo(before);
    names.forEach(stack::delete);
  }

  private static final class Steady {
    private Map<String, Long> last = Map.of();

    boolean isSteady() {
      Map<String, Long> now = writes();
      boolean same = now.equals(last);
      last = now;
      return same;
    }
  }

  private static final Pattern REQUEST =
      Pattern.compile("apiserver_request_total\\{(.*)\\} ([0-9.e+]+)");

  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /**
   * Requests that write, by verb and resource, as the API server counts them; without the leases
   * that the cluster's own programs and the leader renew, and the nodes that the kubelet reports
   * on.
   */
  private static Map<String, Long> writes() {
    Map<String, Long> writes = new TreeMap<>();
    stack
        .client
        .raw("/metrics")
        .lines()
        .map(REQUEST::matcher)
        .filter(Matcher::matches)
        .forEach(
            line -> {
              Map<String, String> labels = new HashMap<>();
              LABEL
                  .matcher(line.group(1))
                  .results()
                  .forEach(label -> labels.put(label.group(1), label.group(2)));
              boolean write =
                  List.of("POST", "PUT", "PATCH", "APPLY", "DELETE").contains(labels.get("verb"));
              String resource = labels.get("resource");
              boolean cluster =
                  List.of(
                          "leases",
                          "nodes",
                          "subjectaccessreviews",
                          "tokenreviews",
                          "selfsubjectaccessreviews",
                          "selfsubjectrulesreviews",
                          "serviceaccounts")
                      .contains(resource);
              if (write && !cluster) {
                writes.merge(
                    labels.get("verb") + " " + resource,
                    Math.round(Double.parseDouble(line.group(2))),
                    Long::sum);
              }
            });
    return writes;
  }
}
