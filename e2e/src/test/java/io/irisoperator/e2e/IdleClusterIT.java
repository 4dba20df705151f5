package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.irisoperator.contract.TrainingDefaults;
import io.irisoperator.mlflow.Run;
import io.irisoperator.operator.api.ConditionType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What the operator writes and leaves behind, counted while nothing else happens. */
@ExtendWith(StackExtension.class)
@Tag(Phase.EXCLUSIVE)
@ResourceLock(Phase.CLUSTER)
class IdleClusterIT {
  private static Run trained;

  private final Stack stack;

  IdleClusterIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void findTrainedRun(Stack stack) throws Exception {
    trained = stack.mlflow.trainedRun();
  }

  /**
   * Waits for what other tests left behind: namespaces of releases that are still terminating,
   * objects of deleted IrisModels that are still collected, a rollout.
   */
  @BeforeEach
  void awaitIdle() {
    await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () ->
                stack.client.namespaces().list().getItems().stream()
                        .allMatch(namespace -> namespace.getStatus().getPhase().equals("Active"))
                    && !stack.irisModels.isTrue("iris", ConditionType.PROGRESSING));
    // Writes have ended once two counts, five seconds apart, are equal.
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofSeconds(5))
        .until(new Steady()::isSteady);
  }

  @Test
  void deletingAModelDeletesItsObjectsAndNothingElse() throws Exception {
    List<String> before = objects();
    stack.irisModels.apply(
        "deleted",
        "{model: {runId: "
            + trained.runId()
            + "}, training: {retrain: x, experiment: e2e_deleted}}");
    stack.irisModels.awaitReady("deleted", trained.runId());
    assertThat(objects()).hasSizeGreaterThan(before.size() + 4);
    stack.irisModels.resource("deleted").delete();
    await().untilAsserted(() -> assertThat(objects()).isEqualTo(before));
  }

  /** The sorted objects of the namespace, without those that the cluster itself writes. */
  private List<String> objects() {
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
  void anIdleOperatorWritesNothing() throws Exception {
    List<String> names = Stream.of(1, 2, 3, 4).map(n -> "idle-" + n).toList();
    for (String name : names) {
      stack.irisModels.apply(
          name, "{model: {latest: {experiment: " + TrainingDefaults.EXPERIMENT + "}}}");
    }
    for (String name : names) {
      stack.irisModels.awaitReady(name, stack.irisModels.status("iris").model().runId());
    }
    // The quickstart's IrisModel is the fifth.
    awaitIdle();
    Map<String, Long> before = writes();
    // The sleep is the measured period; nothing is polled meanwhile.
    Thread.sleep(Duration.ofSeconds(Stack.FULL ? 60 : 20));
    assertThat(writes()).isEqualTo(before);
    names.forEach(stack.irisModels::delete);
  }

  private final class Steady {
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
   * The number of write requests by verb and resource, from the API server's metrics. Resources
   * that the cluster's own programs and the leader write all the time are left out.
   */
  private Map<String, Long> writes() {
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
