package io.irisoperator.operator.mock;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.irisoperator.config.Environment;
import io.irisoperator.mlflow.MlflowAccess;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.model.Forest;
import io.irisoperator.model.Node;
import io.irisoperator.model.OnnxForest;
import io.irisoperator.model.OnnxWriter;
import io.irisoperator.model.Precision;
import io.irisoperator.operator.IrisModelReconciler;
import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.TrainingPhase;
import io.irisoperator.operator.api.TrainingStatus;
import io.irisoperator.operator.api.TrainingTrigger;
import io.irisoperator.operator.informer.CachedObjects;
import io.irisoperator.operator.informer.LeanClient;
import io.irisoperator.operator.observe.Observer;
import io.irisoperator.operator.observe.PodObserver;
import io.irisoperator.operator.observe.TrainingObserver;
import io.irisoperator.operator.observe.WatchedPods;
import io.irisoperator.operator.runtime.CrdMonitor;
import io.irisoperator.operator.runtime.EventRecorder;
import io.irisoperator.operator.runtime.OperatorMetrics;
import io.irisoperator.operator.runtime.TerminatingNamespaces;
import io.irisoperator.operator.source.MlflowConnections;
import io.irisoperator.operator.source.MlflowSecrets;
import io.irisoperator.operator.source.ModelResolver;
import io.irisoperator.operator.source.SourcePoller;
import io.irisoperator.operator.source.TrainingRuns;
import io.irisoperator.operator.store.ModelStore;
import io.irisoperator.testkit.StubMlflow;
import io.javaoperatorsdk.operator.Operator;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reconciler against a mock API server, in milliseconds; e2e runs it on a real one. */
class ReconcilerTest {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(200);
  private static final String RUN = Resources.RUN;
  private static final String OTHER = "ffffffffffffffffffffffffffffffff";

  private final StubMlflow mlflow = new StubMlflow();
  private final ApplyDispatcher dispatcher = new ApplyDispatcher();
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(new ObjectMapper()), new MockWebServer(), new HashMap<>(), dispatcher, false);
  private final OperatorMetrics metrics = new OperatorMetrics();
  private MlflowConnections mlflowConnections;
  private final Writes writes = new Writes();
  private KubernetesClient client;
  private Operator operator;
  private PodObserver pods;
  private KubernetesClient informerClient;
  private ModelStore store;
  private SourcePoller poller;
  private CrdMonitor crds;
  private Optional<String> selector = Optional.empty();

  /** How long ago all copies were created. */
  private Duration age = Duration.ZERO;

  @BeforeEach
  void start() throws Exception {
    server.init();
    client = server.createClient();
    client.load(Files.newInputStream(Path.of("../crds/irismodels.iris-operator.io.yaml"))).create();
    mlflow.addRun(RUN, "FINISHED", model(0.5f));
    startOperator();
  }

  private void startOperator() {
    ObjectMapper mapper = new ObjectMapper();
    CachedObjects.configure(mapper);
    KubernetesClient operators =
        server.createClient(
            builder ->
                builder
                    .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
                    .withHttpClientBuilderConsumer(
                        http -> http.addOrReplaceInterceptor("writes", writes)));
    informerClient = LeanClient.of(operators);
    WatchedPods watchedPods = new WatchedPods(informerClient);
    pods = new PodObserver(watchedPods);
    store =
        new ModelStore(
            operators, informerClient, selector.isPresent(), Clock.offset(Clock.systemUTC(), age));
    mlflowConnections =
        new MlflowConnections(
            new MlflowConnections.Own(
                mlflow.uri(), mlflow.uri(), MlflowAccess.from(new Environment(Map.of()))),
            new MlflowSecrets(client, POLL_INTERVAL, Clock.systemUTC()),
            (connection, _) ->
                new MlflowClient(
                    connection,
                    Duration.ofSeconds(2),
                    HttpClient.Builder.NO_PROXY,
                    metrics.mlflowListener(true)));
    ModelResolver resolver = new ModelResolver(mlflowConnections, Clock.systemUTC());
    poller = new SourcePoller(resolver, POLL_INTERVAL, POLL_INTERVAL);
    crds =
        new CrdMonitor(
            () ->
                operators
                        .apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withName("servicemonitors.monitoring.coreos.com")
                        .get()
                    != null);
    operator =
        new Operator(
            o ->
                o.withKubernetesClient(operators)
                    .withDefaultNonSSAResource(Set.of())
                    .withPreviousAnnotationForDependentResources(false));
    operator.register(
        new IrisModelReconciler(
            new Observer(
                poller,
                resolver,
                store,
                pods,
                new TrainingObserver(new TrainingRuns(mlflowConnections), operators, true),
                mlflow.uri(),
                () -> Instant.EPOCH,
                Clock.systemUTC()),
            store,
            watchedPods,
            poller,
            crds,
            Resources.DEFAULTS,
            new EventRecorder(operators, "test", Clock.systemUTC(), metrics),
            metrics,
            new TerminatingNamespaces(Clock.systemUTC()),
            POLL_INTERVAL),
        configuration -> {
          configuration.settingNamespace("mlops");
          selector.ifPresent(configuration::withLabelSelector);
        });
    operator.start();
  }

  private void stopOperator() {
    operator.stop();
    pods.close();
    mlflowConnections.close();
  }

  @AfterEach
  void stop() {
    operator.stop();
    pods.close();
    informerClient.close();
    poller.close();
    client.close();
    server.destroy();
    mlflowConnections.close();
    mlflow.close();
  }

  private static Map<String, byte[]> model(float share) throws Exception {
    Forest forest =
        Forest.of(
            Precision.FLOAT32,
            4,
            3,
            List.of(List.of(new Node.Leaf(List.of(share, 1 - share, 0f)))));
    return Map.of("model.onnx", OnnxWriter.write(OnnxForest.of(forest)));
  }

  private Resource<IrisModel> irisModel() {
    return client.resources(IrisModel.class).inNamespace("mlops").withName("iris");
  }

  private void create(String spec) {
    IrisModel resource = Resources.irisModel(spec);
    resource.getMetadata().setUid(null);
    client.resource(resource).create();
  }

  private Deployment deployment() {
    return deployment("iris");
  }

  private Deployment deployment(String name) {
    return client.apps().deployments().inNamespace("mlops").withName(name).get();
  }

  private List<Job> jobs() {
    return client.batch().v1().jobs().inNamespace("mlops").list().getItems();
  }

  private IrisModelStatus status() {
    return irisModel().get().getStatus();
  }

  private TrainingStatus training() {
    return status().training(TrainingTrigger.REQUEST).orElseThrow();
  }

  private String env(String name) {
    return deployment()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getEnv()
        .stream()
        .filter(e -> e.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  /** The operator writes, too: a conflict is retried. */
  private static void change(Runnable readAndWrite) {
    await()
        .ignoreExceptions()
        .until(
            () -> {
              readAndWrite.run();
              return true;
            });
  }

  /** Writes what the Deployment controller would write. */
  private void podsBecomeReady() {
    change(
        () ->
            client
                .apps()
                .deployments()
                .inNamespace("mlops")
                .withName("iris")
                .editStatus(
                    d -> {
                      d.setStatus(
                          new DeploymentStatusBuilder()
                              .withObservedGeneration(d.getMetadata().getGeneration())
                              .withReplicas(1)
                              .withUpdatedReplicas(1)
                              .withReadyReplicas(1)
                              .withAvailableReplicas(1)
                              .build());
                      return d;
                    }));
  }

  private void awaitCondition(String type, String status, String reason) {
    await()
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(status().conditions())
                    .anySatisfy(
                        c -> {
                          assertThat(c.getType()).isEqualTo(type);
                          assertThat(c.getStatus()).isEqualTo(status);
                          assertThat(c.getReason()).isEqualTo(reason);
                        }));
  }

  private void awaitMessage(String type, String part) {
    await()
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(status().conditions())
                    .filteredOn(c -> c.getType().equals(type))
                    .singleElement()
                    .matches(c -> c.getMessage().contains(part)));
  }

  @Test
  void pinsAndServesAModel() {
    create("{model: {runId: " + RUN + "}}");
    awaitCondition("ModelResolved", "True", "Resolved");
    await().until(() -> deployment() != null);
    assertThat(env("IRIS_RUN_ID")).isEqualTo(RUN);
    assertThat(env("IRIS_MODEL_DIGEST")).isEqualTo(status().model().digest());
    awaitCondition("Ready", "False", "PodsNotReady");
    podsBecomeReady();
    awaitCondition("Ready", "True", "Serving");
    for (HasMetadata dependent :
        List.of(
            client.services().inNamespace("mlops").withName("iris").get(),
            client.configMaps().inNamespace("mlops").withName("iris-dashboard").get(),
            deployment())) {
      assertThat(dependent.getMetadata().getOwnerReferences())
          .as(dependent.getKind())
          .singleElement()
          .matches(o -> o.getKind().equals("IrisModel") && o.getName().equals("iris"));
    }
  }

  @Test
  void credentialsMayBeMissingWrongAndReplaced() {
    mlflow.requireAuthorization("Bearer t0ken");
    create("{model: {runId: " + RUN + "}, mlflow: {credentialsSecretName: login}}");
    awaitCondition("ModelResolved", "False", "MlflowUnauthorized");
    assertThat(message("ModelResolved"))
        .endsWith(
            ": Secret mlops/login does not exist: create it with username and password, or token");
    writeLogin("“t0ken”");
    await()
        .untilAsserted(
            () ->
                assertThat(message("ModelResolved"))
                    .endsWith(
                        "Secret mlops/login cannot be used: the token must be one word of ASCII characters"));
    writeLogin("wrong");
    await()
        .untilAsserted(
            () ->
                assertThat(message("ModelResolved"))
                    .contains("answered 401: not authenticated")
                    .endsWith("put valid credentials into Secret mlops/login"));
    writeLogin("t0ken");
    awaitCondition("ModelResolved", "True", "Resolved");
    podsBecomeReady();
    awaitCondition("Ready", "True", "Serving");

    mlflow.requireAuthorization("Bearer rotated");
    awaitCondition("ModelResolved", "False", "MlflowUnauthorized");
    awaitCondition("Ready", "True", "Serving");
    writeLogin("rotated");
    awaitCondition("ModelResolved", "True", "Resolved");
  }

  private void writeLogin(String token) {
    Secret login =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace("mlops")
            .withName("login")
            .endMetadata()
            .addToData("token", Base64.getEncoder().encodeToString((token + "\n").getBytes(UTF_8)))
            .build();
    client.secrets().inNamespace("mlops").withName("login").delete();
    client.resource(login).create();
  }

  @Test
  void aConfigMapWithoutCertificatesIsNamed() {
    create("{model: {runId: " + RUN + "}, mlflow: {caBundleConfigMapName: company-ca}}");
    awaitCondition("ModelResolved", "False", "MlflowUntrusted");
    assertThat(message("ModelResolved")).contains("ConfigMap mlops/company-ca does not exist");
    client
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("mlops")
                .withName("company-ca")
                .endMetadata()
                .addToData("ca.crt", "none")
                .build())
        .create();
    await()
        .untilAsserted(
            () ->
                assertThat(message("ModelResolved"))
                    .contains(
                        "ConfigMap mlops/company-ca cannot be used: there is no certificate"));
  }

  private String message(String type) {
    return status().conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow()
        .getMessage();
  }

  @Test
  void writesNothingWhileIdle() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> deployment() != null);
    podsBecomeReady();
    awaitCondition("Ready", "True", "Serving");
    // A cache that lags may see the last step twice, and write it twice.
    await().until(() -> writesOf(3).isEmpty());
    assertThat(writesOf(10)).isEmpty();
  }

  /** The writes during so many polls of MLflow. */
  private List<String> writesOf(int polls) {
    int before = writes.seen().size();
    int asked = mlflow.requests();
    await().until(() -> mlflow.requests() > asked + polls);
    return writes.seen().subList(before, writes.seen().size());
  }

  @Test
  void rollsOutTheLatestRun() throws Exception {
    create("{model: {latest: {experiment: stub}}}");
    await().until(() -> deployment() != null);
    assertThat(env("IRIS_RUN_ID")).isEqualTo(RUN);
    mlflow.addRun(OTHER, "FINISHED", model(0.25f));
    await().untilAsserted(() -> assertThat(env("IRIS_RUN_ID")).isEqualTo(OTHER));
    await().untilAsserted(() -> assertThat(status().history()).hasSize(1));
    assertThat(status().history().getFirst().model().runId()).isEqualTo(RUN);
  }

  @Test
  void keepsTheDeploymentIfTheNewRunIsInvalid() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> deployment() != null);
    mlflow.addRun(OTHER, "FINISHED", Map.of("model.onnx", new byte[] {1, 2, 3}));
    change(
        () ->
            irisModel()
                .edit(
                    m -> {
                      m.setSpec(
                          Resources.irisModel(
                                  "{model: {runId: " + OTHER + ", artifactPath: other}}")
                              .getSpec());
                      return m;
                    }));
    awaitCondition("Degraded", "True", "ModelInvalid");
    assertThat(env("IRIS_RUN_ID")).isEqualTo(RUN);
    assertThat(env("IRIS_ARTIFACT_URI")).endsWith("/iris-model");
    // After a restart of the operator, and without the status, too.
    operator.stop();
    change(
        () ->
            irisModel()
                .editStatus(
                    m -> {
                      m.setStatus(null);
                      return m;
                    }));
    startOperator();
    awaitCondition("Degraded", "True", "ModelInvalid");
    assertThat(env("IRIS_RUN_ID")).isEqualTo(RUN);
  }

  @Test
  void createsOneJobForEachRequest() {
    create("{model: {latest: {experiment: stub}}, training: {retrain: first}}");
    await().untilAsserted(() -> assertThat(jobs()).hasSize(1));
    String job = jobs().getFirst().getMetadata().getName();
    operator.stop();
    startOperator();
    change(
        () ->
            irisModel()
                .edit(
                    m -> {
                      m.getMetadata().setAnnotations(Map.of("iris-operator.io/retrain", "again"));
                      return m;
                    }));
    // One runs at a time: the first must finish.
    int asked = mlflow.requests();
    await().until(() -> mlflow.requests() > asked + 5);
    assertThat(jobs()).hasSize(1);
    end(job, "Complete");
    await().untilAsserted(() -> assertThat(jobs()).hasSize(2));
    await().untilAsserted(() -> assertThat(training().request()).isEqualTo("first, again"));
    assertThat(training().job()).isNotEqualTo(job);
  }

  private void end(String job, String condition) {
    write(
        job,
        new JobStatusBuilder()
            .addNewCondition()
            .withType(condition)
            .withStatus("True")
            .withReason("BackoffLimitExceeded")
            .withMessage("too often")
            .endCondition()
            .build());
  }

  /** Writes what the Job controller would write. */
  private void write(String job, JobStatus status) {
    change(
        () ->
            client
                .batch()
                .v1()
                .jobs()
                .inNamespace("mlops")
                .withName(job)
                .editStatus(
                    j -> {
                      j.setStatus(status);
                      return j;
                    }));
  }

  @Test
  void doesNotRecreateAJobThatWasDeletedWhileRunning() {
    create("{model: {latest: {experiment: stub}}, training: {retrain: first}}");
    await().untilAsserted(() -> assertThat(jobs()).hasSize(1));
    String job = jobs().getFirst().getMetadata().getName();
    write(job, new JobStatusBuilder().withStartTime("2026-01-01T12:00:00Z").withReady(1).build());
    awaitCondition("Training", "True", "TrainingRunning");
    client.batch().v1().jobs().inNamespace("mlops").withName(job).delete();
    awaitCondition("Training", "False", "TrainingFailed");
    assertThat(training().message()).contains("Job " + job + " was deleted");
    assertThat(jobs()).isEmpty();
  }

  @Test
  void doesNotRecreateAFinishedJobThatWasDeleted() {
    create("{model: {latest: {experiment: stub}}, training: {retrain: first}}");
    await().untilAsserted(() -> assertThat(jobs()).hasSize(1));
    String job = jobs().getFirst().getMetadata().getName();
    end(job, "Failed");
    awaitCondition("Training", "False", "TrainingFailed");
    assertThat(training().phase()).isEqualTo(TrainingPhase.FAILED);
    assertThat(training().message()).contains("BackoffLimitExceeded: too often");
    client.batch().v1().jobs().inNamespace("mlops").withName(job).delete();
    int asked = mlflow.requests();
    await().until(() -> mlflow.requests() > asked + 5);
    assertThat(jobs()).isEmpty();
  }

  @Test
  void revertsManualEdits() {
    create("{model: {runId: " + RUN + "}}");
    var dashboards = client.configMaps().inNamespace("mlops").withName("iris-dashboard");
    await().until(() -> dashboards.get() != null);
    Map<String, String> data = dashboards.get().getData();
    change(
        () ->
            dashboards.edit(
                map -> {
                  map.getData().replaceAll((key, json) -> "{}");
                  return map;
                }));
    await().untilAsserted(() -> assertThat(dashboards.get().getData()).isEqualTo(data));
  }

  /** A copy without its annotations would be created again at each reconciliation. */
  @Test
  void repairsACopyWhoseAnnotationsWereOverwritten() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> deployment() != null);
    var copies =
        client
            .configMaps()
            .inNamespace("mlops")
            .withLabel("app.kubernetes.io/component", "stored-model");
    await().until(() -> !copies.list().getItems().isEmpty());
    ConfigMap copy = copies.list().getItems().getFirst();
    var stored = client.configMaps().inNamespace("mlops").withName(copy.getMetadata().getName());
    change(
        () ->
            stored.edit(
                map -> {
                  map.getMetadata().getAnnotations().replaceAll((key, value) -> "overwritten");
                  return map;
                }));
    await()
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(stored.get().getMetadata().getAnnotations())
                    .isEqualTo(copy.getMetadata().getAnnotations()));
  }

  @Test
  void restoresAStatusThatWasRemoved() {
    create("{model: {runId: " + RUN + "}}");
    awaitCondition("ModelResolved", "True", "Resolved");
    change(
        () ->
            irisModel()
                .editStatus(
                    resource -> {
                      resource.setStatus(null);
                      return resource;
                    }));
    awaitCondition("ModelResolved", "True", "Resolved");
  }

  @Test
  void repairsACopyThatLostItsLabels() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> copies().size() == 1);
    ConfigMap copy = copies().getFirst();
    change(
        () ->
            client
                .configMaps()
                .inNamespace("mlops")
                .withName(copy.getMetadata().getName())
                .edit(
                    map -> {
                      map.getMetadata().getLabels().clear();
                      return map;
                    }));
    await()
        .untilAsserted(
            () ->
                assertThat(copies())
                    .singleElement()
                    .matches(
                        c -> c.getMetadata().getLabels().equals(copy.getMetadata().getLabels())));
  }

  private List<ConfigMap> copies() {
    return client
        .configMaps()
        .inNamespace("mlops")
        .withLabel("app.kubernetes.io/component", "stored-model")
        .list()
        .getItems();
  }

  @Test
  void sharesOneCopyAndDeletesItAfterTheLastIrisModel() {
    IrisModel second = Resources.irisModel("{model: {runId: " + RUN + "}}");
    second.getMetadata().setUid(null);
    second.getMetadata().setName("second");
    create("{model: {runId: " + RUN + "}}");
    client.resource(second).create();
    var deployments = client.apps().deployments().inNamespace("mlops");
    await().until(() -> deployments.list().getItems().size() == 2);
    assertThat(copies()).hasSize(1);
    irisModel().delete();
    store.deleteUnused();
    assertThat(copies()).hasSize(1);
    client.resource(second).delete();
    await()
        .untilAsserted(
            () -> {
              store.deleteUnused();
              assertThat(copies()).isEmpty();
            });
  }

  @Test
  void anOperatorWithASelectorLeavesOtherIrisModelsAndTheirCopiesToOtherOperators() {
    create("{model: {runId: " + RUN + "}}");
    awaitCondition("ModelResolved", "True", "Resolved");
    stopOperator();
    selector = Optional.of("shard=b");
    age = Duration.ofMinutes(3);
    startOperator();
    IrisModel ours = Resources.irisModel("{model: {runId: " + RUN + "}}");
    ours.getMetadata().setUid(null);
    ours.getMetadata().setName("ours");
    ours.getMetadata().setLabels(Map.of("shard", "b"));
    client.resource(ours).create();
    await().until(() -> deployment("ours") != null);
    client.resource(ours).delete();
    await()
        .during(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              store.deleteUnused();
              assertThat(copies()).hasSize(1);
            });
  }

  @Test
  void anOperatorWithASelectorDeletesCopiesThatNoIrisModelNeeds() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> deployment() != null);
    irisModel().delete();
    stopOperator();
    selector = Optional.of("shard=b");
    age = Duration.ofMinutes(3);
    startOperator();
    await()
        .untilAsserted(
            () -> {
              store.deleteUnused();
              assertThat(copies()).isEmpty();
            });
  }

  @Test
  void asksMlflowOnceAPollForAllIrisModelsThatAskTheSame() throws Exception {
    for (int n = 0; n < 20; n++) {
      IrisModel resource = Resources.irisModel("{model: {runId: " + RUN + "}}");
      resource.getMetadata().setUid(null);
      resource.getMetadata().setName("same-" + n);
      client.resource(resource).create();
    }
    var deployments = client.apps().deployments().inNamespace("mlops");
    await().until(() -> deployments.list().getItems().size() == 20);
    int before = mlflow.requests();
    // The sleep is the measured period.
    Thread.sleep(POLL_INTERVAL.multipliedBy(10));
    // Polls are up to a tenth apart.
    assertThat(mlflow.requests() - before).isBetween(1, 13);
  }

  @Test
  void reportsAPodThatCannotBeScheduled() {
    createAModelWhosePodCannotBeScheduled();
    awaitMessage("Ready", "0/1 nodes are available");
  }

  /** The role of an older chart permits to list pods only. */
  @Test
  void reportsAPodThatCannotBeScheduledWithoutPermissionToWatchPods() {
    stopOperator();
    dispatcher.refuseToWatch("pods");
    startOperator();
    createAModelWhosePodCannotBeScheduled();
    awaitMessage("Ready", "0/1 nodes are available");
  }

  private void createAModelWhosePodCannotBeScheduled() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> deployment() != null);
    PodTemplateSpec template = deployment().getSpec().getTemplate();
    client
        .resource(
            new PodBuilder()
                .withMetadata(template.getMetadata())
                .editMetadata()
                .withName("iris-0")
                .withNamespace("mlops")
                .endMetadata()
                .withSpec(template.getSpec())
                .withNewStatus()
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withMessage("0/1 nodes are available")
                .endCondition()
                .endStatus()
                .build())
        .create();
  }

  /** A new operator knows nothing of an IrisModel that it has not reconciled yet. */
  @Test
  void anOperatorThatHasJustStartedDeletesNoCopyInUse() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> copies().size() == 1);
    String uid = copies().getFirst().getMetadata().getUid();
    stopOperator();
    startOperator();
    store.deleteUnused();
    awaitCondition("ModelResolved", "True", "Resolved");
    store.deleteUnused();
    assertThat(copies()).singleElement().matches(c -> c.getMetadata().getUid().equals(uid));
  }

  @Test
  void createsTheServiceMonitorOnceThePrometheusOperatorIsInstalledAndDeletesItWhenDisabled()
      throws Exception {
    create("{model: {runId: " + RUN + "}, monitoring: {labels: {release: monitoring}}}");
    await().until(() -> deployment() != null);
    var monitors = client.resources(ServiceMonitor.class).inNamespace("mlops");
    assertThat(monitors.list().getItems()).isEmpty();

    Path folder = Path.of("../helm/iris-stack/charts/prometheus-crds/crds");
    Path crd = folder.resolve("monitoring.coreos.com_servicemonitors.yaml");
    client.load(Files.newInputStream(crd)).create();
    crds.check();
    await().atMost(Duration.ofSeconds(30)).until(() -> monitors.withName("iris").get() != null);
    assertThat(monitors.withName("iris").get().getMetadata().getLabels())
        .containsEntry("release", "monitoring");

    change(
        () -> {
          IrisModel resource = irisModel().get();
          resource.getMetadata().setGeneration(resource.getMetadata().getGeneration() + 1);
          resource.setSpec(
              Resources.irisModel(
                      "{model: {runId: %s}, monitoring: {serviceMonitor: false}}".formatted(RUN))
                  .getSpec());
          client.resource(resource).update();
        });
    await().until(() -> monitors.withName("iris").get() == null);
  }

  @Test
  void createsAndDeletesTheAutoscaler() {
    create("{model: {runId: " + RUN + "}, serving: {autoscaling: {maxReplicas: 3}}}");
    var autoscalers =
        client.autoscaling().v2().horizontalPodAutoscalers().inNamespace("mlops").withName("iris");
    await().until(() -> autoscalers.get() != null);
    assertThat(autoscalers.get().getSpec().getScaleTargetRef().getKind()).isEqualTo("IrisModel");
    change(
        () -> {
          IrisModel resource = irisModel().get();
          resource.getMetadata().setGeneration(resource.getMetadata().getGeneration() + 1);
          resource.setSpec(Resources.irisModel("{model: {runId: " + RUN + "}}").getSpec());
          client.resource(resource).update();
        });
    await().until(() -> autoscalers.get() == null);
    awaitCondition("Degraded", "False", "AsExpected");
  }

  @Test
  void reportsMetricsOfExistingResources() {
    create("{model: {runId: " + RUN + "}}");
    await().until(() -> deployment() != null);
    podsBecomeReady();
    String of = "irismodel=\"iris\",irismodel_namespace=\"mlops\"";
    await()
        .untilAsserted(
            () ->
                assertThat(metrics.registry().scrape())
                    .contains(
                        "iris_operator_condition{%s,reason=\"Serving\",type=\"Ready\"} 1.0"
                            .formatted(of),
                        "iris_operator_replicas{%s} 1.0".formatted(of),
                        "iris_operator_ready_replicas{%s} 1.0".formatted(of),
                        "iris_operator_training_phase{%s,phase=\"Failed\"} 0.0".formatted(of),
                        "iris_operator_events_total{%s,reason=\"Resolved\"} 1.0".formatted(of),
                        "iris_operator_mlflow_request_duration_seconds_count{operation=\"runs/get\",outcome=\"ok\",server=\"own\"}"));
    irisModel().delete();
    await()
        .untilAsserted(
            () ->
                assertThat(metrics.registry().scrape()).doesNotContain("iris_operator_condition{"));
  }
}
