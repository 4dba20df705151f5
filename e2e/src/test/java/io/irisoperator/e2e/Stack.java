package io.irisoperator.e2e;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.ModelVersion;
import io.irisoperator.mlflow.Run;
import io.irisoperator.mlflow.RunStatus;
import io.irisoperator.operator.api.ConditionType;
import io.irisoperator.operator.api.IrisModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** The cluster that {@code e2e/start-stack} started, as the tests reach it. */
final class Stack implements AutoCloseable {
  static final String NAMESPACE = "mlops";
  static final String EXPERIMENT = "iris_classification";
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** Where the quickstart forwards MLflow and the API of its IrisModel to. */
  static final URI MLFLOW = URI.create("http://127.0.0.1:15000");

  static final URI API = URI.create("http://127.0.0.1:18080");

  static final Path STATE =
      Path.of(
          Optional.ofNullable(System.getenv("IRIS_CLUSTER"))
              .orElse("/var/lib/iris-operator/cluster"));

  final KubernetesClient client;
  final MlflowClient mlflow;

  Stack() {
    try {
      client =
          new KubernetesClientBuilder()
              .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig())))
              .build();
    } catch (IOException e) {
      throw new UncheckedIOException("no cluster: run e2e/start-stack", e);
    }
    mlflow =
        new MlflowClient(MLFLOW, Duration.ofSeconds(10), Optional.empty(), MlflowCallListener.NOOP);
    awaitAnswer(MLFLOW.resolve("/health"));
  }

  /** A forward of the quickstart's ends with its pod, and is begun anew. */
  static void awaitAnswer(URI uri) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      await()
          .until(
              () ->
                  http.send(
                              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(5)).build(),
                              HttpResponse.BodyHandlers.discarding())
                          .statusCode()
                      == 200);
    }
  }

  static Path kubeconfig() {
    return STATE.resolve("admin.kubeconfig");
  }

  /** Whether the long stories are told in full: {@code ./mvnw verify -Pfull}. */
  static final boolean FULL = Boolean.getBoolean("e2e.full");

  /** Nothing here takes longer than this without being broken. */
  static ConditionFactory await() {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(300))
        .ignoreExceptions();
  }

  Resource<IrisModel> irisModel(String name) {
    return client.resources(IrisModel.class).inNamespace(NAMESPACE).withName(name);
  }

  /** Applies an IrisModel with this spec, in YAML's flow style. */
  void apply(String name, String spec) {
    IrisModel resource =
        Serialization.unmarshal(
            """
            apiVersion: iris-operator.io/v1alpha1
            kind: IrisModel
            metadata: {name: %s, namespace: %s}
            spec: %s
            """
                .formatted(name, NAMESPACE, spec),
            IrisModel.class);
    client.resource(resource).forceConflicts().serverSideApply();
  }

  Condition condition(String name, ConditionType type) {
    return irisModel(name).get().getStatus().conditions().stream()
        .filter(c -> c.getType().equals(type.toString()))
        .findFirst()
        .orElseThrow();
  }

  void awaitReady(String name, String runId) {
    awaitReady(name, runId, Duration.ofSeconds(60));
  }

  void awaitReady(String name, String runId, Duration most) {
    await()
        .atMost(most)
        .until(
            () ->
                condition(name, ConditionType.READY).getStatus().equals("True")
                    && irisModel(name).get().getStatus().model().runId().equals(runId));
  }

  /** Deletes an IrisModel. Its pods answer for some seconds yet, and are in nobody's way. */
  void delete(String name) {
    irisModel(name).delete();
    await().until(() -> irisModel(name).get() == null);
  }

  /** The JVMs of a pod: the processes of a pod are those of its cgroup. */
  static List<ProcessHandle> javaProcesses(Pod pod) {
    String uid = pod.getMetadata().getUid();
    return ProcessHandle.allProcesses()
        .filter(process -> ofProcess(process, "cgroup").contains("pod" + uid))
        .filter(process -> process.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** A file that the kernel has of a process. */
  static String ofProcess(ProcessHandle process, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
    } catch (IOException e) {
      // It has ended meanwhile.
      return "";
    }
  }

  /** Moves an alias; again where the forward of MLflow's port breaks under the request. */
  void moveAlias(ModelVersion version, String alias) {
    await()
        .until(
            () -> {
              mlflow.setAlias(version, alias);
              return true;
            });
  }

  /** Waits until no pod is on its way out. */
  void awaitNoEndingPods() {
    await()
        .until(
            () ->
                client.pods().inNamespace(NAMESPACE).list().getItems().stream()
                    .noneMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null));
  }

  /** A FINISHED run with these files in its {@code iris-model}. */
  Run finishedRun(String experiment, Map<String, byte[]> files) throws Exception {
    Run run = unfinishedRun(experiment, files);
    mlflow.end(run.runId(), RunStatus.FINISHED, Instant.now());
    return mlflow.run(run.runId());
  }

  Run unfinishedRun(String experiment, Map<String, byte[]> files) throws Exception {
    Run run =
        mlflow.createRun(mlflow.experimentIdOrNew(experiment), "e2e", Instant.now(), Map.of());
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      mlflow.artifacts().upload(run, "iris-model/" + file.getKey(), file.getValue());
    }
    return run;
  }

  void patch(String name, String json) {
    irisModel(name).patch(PatchContext.of(PatchType.JSON_MERGE), json);
  }

  List<String> events(String name) {
    return client.events().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
        .filter(e -> e.getRegarding().getKind().equals("IrisModel"))
        .filter(e -> e.getRegarding().getName().equals(name))
        .map(e -> e.getReason())
        .toList();
  }

  /** The pods that serve an IrisModel and are not on their way out. */
  private List<Pod> pods(String name) {
    return client
        .pods()
        .inNamespace(NAMESPACE)
        .withLabel("app.kubernetes.io/instance", name)
        .withLabel("app.kubernetes.io/name", "iris-model-server")
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  List<String> podNames(String name) {
    return pods(name).stream().map(pod -> pod.getMetadata().getName()).toList();
  }

  List<String> podUids(String name) {
    return pods(name).stream().map(pod -> pod.getMetadata().getUid()).sorted().toList();
  }

  void awaitPodGone(String pod) {
    await().until(() -> client.pods().inNamespace(NAMESPACE).withName(pod).get() == null);
  }

  void awaitReplicas(String name, int replicas) {
    await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              IrisModel resource = irisModel(name).get();
              return resource.getStatus().readyReplicas() == replicas
                  && pods(name).size() == replicas
                  && resource.getStatus().conditions().stream()
                      .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
            });
  }

  /** MLflow away, or back and answering. */
  void scaleMlflow(int replicas) {
    client.apps().deployments().inNamespace(NAMESPACE).withName("mlflow").scale(replicas);
    await()
        .until(
            () ->
                client
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withLabel("app.kubernetes.io/name", "mlflow")
                        .list()
                        .getItems()
                        .size()
                    == replicas);
    if (replicas > 0) {
      awaitAnswer(MLFLOW.resolve("/health"));
    }
  }

  /**
   * Does what nobody may: a ConfigMap that is immutable is deleted and comes back with one byte
   * flipped.
   *
   * @return its name
   */
  String flipByteInCopy(String name, String digest) {
    var copies =
        client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel("app.kubernetes.io/instance", name)
            .withLabel("iris-operator.io/digest", digest.substring(7, 23));
    ConfigMap copy = copies.list().getItems().getFirst();
    byte[] bytes = Base64.getDecoder().decode(copy.getBinaryData().get("part"));
    bytes[bytes.length / 3] ^= 1;
    copy.getBinaryData().put("part", Base64.getEncoder().encodeToString(bytes));
    copy.getMetadata().setResourceVersion(null);
    copy.getMetadata().setUid(null);
    client.resource(copy).delete();
    await().until(() -> client.resource(copy).create() != null);
    return copy.getMetadata().getName();
  }

  /** The model folder of the run that the quickstart trained. */
  Run trainedRun() throws Exception {
    String experiment = mlflow.experimentId(EXPERIMENT).orElseThrow();
    return mlflow
        .searchRuns(
            experiment,
            "attributes.status = 'FINISHED' and tags.`mlflow.user` = 'iris-operator'",
            1)
        .getFirst();
  }

  Map<String, byte[]> files(Run run) throws Exception {
    String folder = mlflow.artifacts().modelFolder(run, "iris-model").orElseThrow().artifactUri();
    return mlflow.artifacts().download(folder, 1L << 26);
  }

  /** A port of this machine that nobody listens on. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** What a shell in a pod of the cluster prints. */
  String shell(String script) throws Exception {
    var pods = client.pods().inNamespace(NAMESPACE);
    client.resource(SHELL).inNamespace(NAMESPACE).serverSideApply();
    pods.withName("e2e-shell").waitUntilReady(60, TimeUnit.SECONDS);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (var exec =
        pods.withName("e2e-shell").writingOutput(out).writingError(err).exec("sh", "-c", script)) {
      int exit = exec.exitCode().get(120, TimeUnit.SECONDS);
      if (exit != 0) {
        throw new AssertionError("exit code %d of: %s\n%s".formatted(exit, script, err));
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * The folder of kubectl, helm, promtool and the like, which {@code e2e/start-stack} wrote down.
   */
  private static String programs() {
    try {
      return Files.readString(Path.of("target/programs")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("run e2e/start-stack", e);
    }
  }

  /** What a program on this machine prints; it must succeed. */
  String run(Map<String, String> environment, List<String> command) throws Exception {
    Path out = Files.createTempFile("e2e", ".out");
    Path err = Files.createTempFile("e2e", ".err");
    // By env, which looks on the PATH that it is given; Java looks on its own.
    List<String> byPath = new ArrayList<>(List.of("/usr/bin/env"));
    byPath.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(byPath).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("KUBECONFIG", kubeconfig().toString());
    builder.environment().merge("PATH", programs(), (path, programs) -> programs + ":" + path);
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(
          "%s: %s\n%s".formatted(command, Files.readString(out), Files.readString(err)));
    }
    return Files.readString(out);
  }

  /** Python from one of the environments in {@code e2e/python}, told where MLflow is. */
  String python(String environment, String script, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(environment(environment) + "/bin/python", ROOT + "/e2e/python/" + script));
    command.addAll(List.of(arguments));
    return run(Map.of("MLFLOW_TRACKING_URI", MLFLOW.toString()), command);
  }

  /** The folder of one of the environments in {@code e2e/python}. */
  String environment(String name) throws Exception {
    return run(Map.of(), List.of(ROOT + "/dev/create-venv", "e2e/python/" + name + ".txt")).strip();
  }

  @Override
  public void close() {
    mlflow.close();
    client.close();
  }

  private static final String SHELL =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: e2e-shell}
      spec:
        automountServiceAccountToken: false
        terminationGracePeriodSeconds: 0
        securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: shell
          image: busybox:stable
          imagePullPolicy: IfNotPresent
          command: [sleep, "86400"]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      """;
}
