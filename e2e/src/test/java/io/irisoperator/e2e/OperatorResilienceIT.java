package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Waits.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.operator.api.TrainingPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** The operator is killed, runs twice, or loses the API server, while users request predictions. */
@Tag("node")
@ExtendWith(StackExtension.class)
@Tag(Phase.EXCLUSIVE)
@ResourceLock(Phase.CLUSTER)
class OperatorResilienceIT {
  private static final String NAME = "resilience";
  private static final String TRAININGS_EXPERIMENT = "e2e_resilience_trainings";
  private static final int KILLS = Stack.FULL ? 50 : 4;
  private static final int ROLLOUTS = Stack.FULL ? 20 : 4;
  private static final int TRAININGS = Stack.FULL ? 5 : 2;
  private static final Duration OUTAGE = Duration.ofSeconds(Stack.FULL ? 60 : 12);

  private static ChampionVersions champions;

  private final Stack stack;

  OperatorResilienceIT(Stack stack) {
    this.stack = stack;
  }

  @BeforeAll
  static void serve(Stack stack) throws Exception {
    champions = ChampionVersions.train(stack.mlflow, NAME, "e2e_resilience", 2);
    champions.promote(0);
    stack.irisModels.apply(
        NAME,
        """
        {model: {registered: {name: %s, alias: champion}}, serving: {replicas: 2},
         rollout: {analysis: {duration: 0s}},
         training: {experiment: %s, parameters: {nEstimators: 5}, successfulJobsHistoryLimit: 10}}
        """
            .formatted(NAME, TRAININGS_EXPERIMENT));
    stack.irisModels.awaitReady(NAME, champions.runId(0));
  }

  @AfterAll
  static void delete(Stack stack) {
    stack.irisModels.delete(NAME);
  }

  private LoadGenerator startLoad(Duration limit) throws Exception {
    return new LoadGenerator(stack, NAME, champions.files(), limit);
  }

  @Test
  void anOperatorThatIsKilledRepeatedlyReachesTheSameState() throws Exception {
    try (LoadGenerator load = startLoad(Duration.ofMinutes(60));
        ExecutorService killer = Executors.newSingleThreadExecutor()) {
      Future<?> kills = killer.submit(this::killOperatorRepeatedly);
      int version = 0;
      int trainings = 0;
      for (int rollout = 0; rollout < ROLLOUTS || !kills.isDone(); rollout++) {
        version = (version + 1) % champions.count();
        champions.promote(version);
        if (trainings < TRAININGS && rollout % (ROLLOUTS / TRAININGS) == 0) {
          int requested = ++trainings;
          stack.irisModels.annotateRetrain(NAME, "request " + requested);
          await()
              .atMost(Duration.ofMinutes(5))
              .until(
                  () ->
                      jobs().size() == requested
                          && jobs().stream().allMatch(OperatorResilienceIT::isComplete));
        }
        String runId = champions.runId(version);
        await()
            .atMost(Duration.ofMinutes(5))
            .until(() -> stack.irisModels.status(NAME).model().runId().equals(runId));
      }
      kills.get();
      stack.irisModels.awaitReady(NAME, champions.runId(version), Duration.ofMinutes(3));
      load.assertNoErrors();
    }
    assertThat(jobs()).hasSize(TRAININGS);
    String experiment = stack.mlflow.client.experimentId(TRAININGS_EXPERIMENT).orElseThrow();
    assertThat(stack.mlflow.client.searchRuns(experiment, "", 100))
        .hasSize(TRAININGS)
        .allMatch(run -> run.status() == RunStatus.FINISHED);
    assertThat(orphans()).isEmpty();
  }

  private List<Job> jobs() {
    return stack.irisModels.jobs(NAME);
  }

  private static boolean isComplete(Job job) {
    return job.getStatus().getSucceeded() != null && job.getStatus().getSucceeded() == 1;
  }

  /** The objects with the IrisModel's label that the IrisModel does not own. */
  private List<String> orphans() {
    String uid = stack.irisModels.get(NAME).getMetadata().getUid();
    List<HasMetadata> objects = new ArrayList<>(jobs());
    objects.addAll(
        stack
            .client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel("app.kubernetes.io/instance", NAME)
            .list()
            .getItems());
    objects.addAll(
        stack
            .client
            .apps()
            .deployments()
            .inNamespace(NAMESPACE)
            .withLabel("app.kubernetes.io/instance", NAME)
            .list()
            .getItems());
    return objects.stream()
        .filter(
            object ->
                object.getMetadata().getOwnerReferences().stream()
                    .noneMatch(owner -> owner.getUid().equals(uid)))
        .map(object -> object.getKind() + "/" + object.getMetadata().getName())
        .toList();
  }

  /**
   * Sends SIGKILL at random moments. Every second time the pod is deleted too, as the kubelet
   * restarts a container that is killed repeatedly with a growing delay.
   */
  private Void killOperatorRepeatedly() throws Exception {
    Random random = new Random(42);
    for (int kill = 0; kill < KILLS; kill++) {
      Thread.sleep(random.nextInt(500, 8_000));
      Instant killed = Instant.now();
      Pod pod = operatorPod();
      NodeProcesses.jvms(pod).forEach(ProcessHandle::destroyForcibly);
      boolean deletePod = kill % 2 == 1;
      if (deletePod) {
        stack.client.resource(pod).withGracePeriod(0).delete();
      }
      await()
          .until(
              () -> {
                LeaseSpec lease =
                    stack
                        .client
                        .leases()
                        .inNamespace(NAMESPACE)
                        .withName("iris-operator")
                        .get()
                        .getSpec();
                return lease.getHolderIdentity().equals(operatorPodName())
                    && lease.getRenewTime().toInstant().isAfter(killed);
              });
      Timings.record(
          "operator killed%s → reconciling again".formatted(deletePod ? ", pod deleted" : ""),
          killed,
          Instant.now());
    }
    return null;
  }

  private Pod operatorPod() {
    return stack.pods.named("iris-operator").getFirst();
  }

  private String operatorPodName() {
    return operatorPod().getMetadata().getName();
  }

  @Test
  void anOutageOfTheApiServerFailsNoPredictionAndRestartsNoPod() throws Exception {
    champions.promote(0);
    stack.irisModels.awaitReady(NAME, champions.runId(0));
    try (LoadGenerator load = startLoad(Duration.ofMinutes(10))) {
      Map<String, Integer> restarts = restarts();
      try {
        stack.commands.run(Stack.ROOT + "/dev/cluster/control-plane", "stop");
        // The sleep is the outage; nothing is polled meanwhile.
        Thread.sleep(OUTAGE);
      } finally {
        stack.commands.run(Stack.ROOT + "/dev/cluster/control-plane", "start");
      }
      Instant started = Instant.now();
      load.assertNoErrors();
      assertThat(restarts()).isEqualTo(restarts);
      champions.promote(1);
      stack.irisModels.awaitReady(NAME, champions.runId(1), Duration.ofMinutes(3));
      Timings.record(
          "API server started again → next model served by all pods", started, Instant.now());
      stack.pods.awaitNoneTerminating();
      load.assertNoErrors();
      assertThat(restarts()).containsEntry(operatorPodName(), restarts.get(operatorPodName()));
    }
  }

  /** The number of container restarts, by pod. */
  private Map<String, Integer> restarts() {
    Map<String, Integer> restarts = new TreeMap<>();
    for (Pod pod : stack.pods.all()) {
      restarts.put(
          pod.getMetadata().getName(),
          pod.getStatus().getContainerStatuses().stream().mapToInt(c -> c.getRestartCount()).sum());
    }
    return restarts;
  }

  @Test
  void twoOperatorsAtOnceCreateOneJobAndOneRun() throws Exception {
    runOperators(2, "false");
    try {
      stack.irisModels.apply(
          "two-operators",
          "{model: {latest: {experiment: e2e_two_operators}}, training: {retrain: once, parameters: {nEstimators: 5}}}");
      await()
          .until(
              () -> stack.irisModels.training("two-operators").phase() == TrainingPhase.SUCCEEDED);
      stack.irisModels.awaitReady(
          "two-operators", stack.irisModels.training("two-operators").runId());
      assertThat(stack.irisModels.jobs("two-operators")).hasSize(1);
      String experiment = stack.mlflow.client.experimentId("e2e_two_operators").orElseThrow();
      assertThat(stack.mlflow.client.searchRuns(experiment, "", 10)).hasSize(1);
      stack.irisModels.delete("two-operators");
    } finally {
      runOperators(1, "true");
    }
  }

  private void runOperators(int replicas, String leaderElection) {
    var operator = stack.operator.resource();
    operator.edit(
        d -> {
          d.getSpec().setReplicas(replicas);
          d.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
              .filter(e -> e.getName().equals("LEADER_ELECTION"))
              .forEach(e -> e.setValue(leaderElection));
          return d;
        });
    await()
        .until(
            () -> {
              var status = operator.get().getStatus();
              return status.getUpdatedReplicas() == replicas
                  && status.getReplicas() == replicas
                  && status.getReadyReplicas() == replicas;
            });
  }
}
