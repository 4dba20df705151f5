package io.irisoperator.e2e;

import static io.irisoperator.e2e.Stack.NAMESPACE;
import static io.irisoperator.e2e.Stack.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
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
import org.junit.jupiter.api.Test;

/** The operator is killed, starved and upgraded while 200 predictions a second are asked for. */
class OperatorLifeIT {
  private static final String NAME = "lively";
  private static final String EXPERIMENT = "e2e_lively";
  private static final int KILLS = Stack.FULL ? 50 : 4;
  private static final int CHANGES = Stack.FULL ? 20 : 4;
  private static final int TRAININGS = Stack.FULL ? 5 : 2;
  private static final Duration AWAY = Duration.ofSeconds(Stack.FULL ? 60 : 20);

  private static Stack stack;
  private static List<ModelVersion> good;
  private static List<Map<String, byte[]>> goodFiles;

  @BeforeAll
  static void serve() throws Exception {
    stack = new Stack();
    good = new ArrayList<>();
    goodFiles = new ArrayList<>();
    for (int seed = 1; seed <= 2; seed++) {
      Run run = stack.mlflow.run(new Trainer(Stack.MLFLOW).train("e2e_life", seed).runId());
      good.add(stack.mlflow.register(NAME, run, "iris-model"));
      goodFiles.add(stack.files(run));
    }
    champion(0);
    stack.apply(
        NAME,
        """
        {model: {registered: {name: %s, alias: champion}}, serving: {replicas: 2},
         rollout: {analysis: {duration: 0s}},
         training: {experiment: %s, parameters: {nEstimators: 5}, successfulJobsHistoryLimit: 10}}
        """
            .formatted(NAME, EXPERIMENT));
    stack.awaitReady(NAME, good.get(0).runId());
  }

  @AfterAll
  static void disconnect() {
    stack.delete(NAME);
    stack.close();
  }

  private static void champion(int model) {
    stack.moveAlias(good.get(model), "champion");
  }

  private static List<Job> jobs() {
    return stack
        .client
        .batch()
        .v1()
        .jobs()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/instance", NAME)
        .list()
        .getItems();
  }

  @Test
  void killedAgainAndAgainItComesToTheSameEnd() throws Exception {
    try (Load load = new Load(stack, NAME, goodFiles, Duration.ofMinutes(60));
        ExecutorService killer = Executors.newSingleThreadExecutor()) {
      Future<?> kills = killer.submit(OperatorLifeIT::killOften);
      int model = 0;
      int trainings = 0;
      for (int change = 0; change < CHANGES || !kills.isDone(); change++) {
        model = (model + 1) % good.size();
        champion(model);
        if (trainings < TRAININGS && change % (CHANGES / TRAININGS) == 0) {
          int asked = ++trainings;
          stack.patch(
              NAME,
              "{\"metadata\":{\"annotations\":{\"iris-operator.io/retrain\":\"request %d\"}}}"
                  .formatted(asked));
          await()
              .atMost(Duration.ofMinutes(5))
              .until(() -> jobs().size() == asked && jobs().stream().allMatch(this::isComplete));
        }
        int asked = model;
        await()
            .atMost(Duration.ofMinutes(5))
            .until(
                () ->
                    stack
                        .irisModel(NAME)
                        .get()
                        .getStatus()
                        .model()
                        .runId()
                        .equals(good.get(asked).runId()));
      }
      kills.get();
      stack.awaitReady(NAME, good.get(model).runId(), Duration.ofMinutes(3));
      load.assertFlawless();
    }
    assertThat(jobs()).hasSize(TRAININGS);
    String experiment = stack.mlflow.experimentId(EXPERIMENT).orElseThrow();
    assertThat(stack.mlflow.searchRuns(experiment, "", 100))
        .hasSize(TRAININGS)
        .allMatch(run -> run.status() == RunStatus.FINISHED);
    assertThat(orphans()).isEmpty();
  }

  private boolean isComplete(Job job) {
    return job.getStatus().getSucceeded() != null && job.getStatus().getSucceeded() == 1;
  }

  /** Things with the IrisModel's name on them that are not its own. */
  private static List<String> orphans() {
    String uid = stack.irisModel(NAME).get().getMetadata().getUid();
    List<HasMetadata> things = new ArrayList<>(jobs());
    things.addAll(
        stack
            .client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel("app.kubernetes.io/instance", NAME)
            .list()
            .getItems());
    things.addAll(
        stack
            .client
            .apps()
            .deployments()
            .inNamespace(NAMESPACE)
            .withLabel("app.kubernetes.io/instance", NAME)
            .list()
            .getItems());
    return things.stream()
        .filter(
            thing ->
                thing.getMetadata().getOwnerReferences().stream()
                    .noneMatch(owner -> owner.getUid().equals(uid)))
        .map(thing -> thing.getKind() + "/" + thing.getMetadata().getName())
        .toList();
  }

  /**
   * SIGKILL at random moments. Every other time the pod goes as well: a container that ends again
   * and again the kubelet would start later and later.
   */
  private static Void killOften() throws Exception {
    Random random = new Random(42);
    for (int kill = 0; kill < KILLS; kill++) {
      Thread.sleep(random.nextInt(500, 8_000));
      Instant killed = Instant.now();
      Pod pod = operator();
      Stack.javaProcesses(pod).forEach(ProcessHandle::destroyForcibly);
      boolean podToo = kill % 2 == 1;
      if (podToo) {
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
                return lease.getHolderIdentity().equals(operatorPod())
                    && lease.getRenewTime().toInstant().isAfter(killed);
              });
      Timings.say(
          "operator killed%s → reconciling again".formatted(podToo ? ", its pod too" : ""),
          killed,
          Instant.now());
    }
    return null;
  }

  private static String operatorPod() {
    return operator().getMetadata().getName();
  }

  private static Pod operator() {
    return stack
        .client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/name", "iris-operator")
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theApiServerAndEtcdAwayHurtNoPredictionAndRestartNoPod() throws Exception {
    champion(0);
    stack.awaitReady(NAME, good.get(0).runId());
    try (Load load = new Load(stack, NAME, goodFiles, Duration.ofMinutes(10))) {
      Map<String, Integer> restarts = restarts();
      try {
        stack.run(Map.of(), List.of(Stack.ROOT + "/dev/cluster/control-plane", "stop"));
        // The period is what is told of: it is no wait for something to happen.
        Thread.sleep(AWAY);
      } finally {
        stack.run(Map.of(), List.of(Stack.ROOT + "/dev/cluster/control-plane", "start"));
      }
      Instant back = Instant.now();
      // The forward of its port ended with the API server.
      Stack.awaitAnswer(Stack.MLFLOW.resolve("/health"));
      load.assertFlawless();
      assertThat(restarts()).isEqualTo(restarts);
      champion(1);
      stack.awaitReady(NAME, good.get(1).runId(), Duration.ofMinutes(3));
      Timings.say("API server back → next model served by all pods", back, Instant.now());
      stack.awaitNoEndingPods();
      load.assertFlawless();
      assertThat(restarts()).containsEntry(operatorPod(), restarts.get(operatorPod()));
    }
  }

  /** How often each pod's containers were started anew. */
  private static Map<String, Integer> restarts() {
    Map<String, Integer> restarts = new TreeMap<>();
    for (Pod pod : stack.client.pods().inNamespace(NAMESPACE).list().getItems()) {
      restarts.put(
          pod.getMetadata().getName(),
          pod.getStatus().getContainerStatuses().stream().mapToInt(c -> c.getRestartCount()).sum());
    }
    return restarts;
  }

  @Test
  void anUpgradeOfTheOperatorLeavesThePodsAlone() throws Exception {
    Release release = Release.in(stack, "retagged");
    try {
      release.upgradeTo(
          Release.CHART, "mlflow.enabled=false", "operator.trackingUri=http://mlflow.mlops:5000");
      release.serve("iris", "{model: {registered: {name: %s, version: \"1\"}}}".formatted(NAME));
      var before = release.podUids("iris");
      assertThat(before).hasSize(1);
      List<String> command =
          new ArrayList<>(
              List.of("upgrade", "retagged", Release.CHART.toString(), "--reuse-values", "--wait"));
      for (String section : List.of("operator", "modelServer", "trainer")) {
        String tag = release.retag(section, "next");
        command.addAll(List.of("--set-string", section + ".image.tag=" + tag));
      }
      release.helm(command.toArray(String[]::new));
      // The new operator has looked at it: only it knows this field's new value.
      release.kubectl(
          "patch",
          "irismodel",
          "iris",
          "--type=merge",
          "-p",
          "{\"spec\":{\"serving\":{\"replicas\":2}}}");
      await().until(() -> release.podUids("iris").size() == 2);
      release.awaitReady("iris");
      assertThat(release.podUids("iris")).containsAll(before);
    } finally {
      release.remove();
    }
  }
}
