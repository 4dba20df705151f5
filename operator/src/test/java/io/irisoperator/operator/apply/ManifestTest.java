package io.irisoperator.operator.apply;

import static io.irisoperator.operator.Resources.DEFAULTS;
import static io.irisoperator.operator.Resources.RUN;
import static io.irisoperator.operator.Resources.irisModel;
import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.irisoperator.operator.GoldenFile;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.dashboard.OperatorDashboard;
import io.irisoperator.operator.decide.Decision.Train;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.Rollout;
import io.irisoperator.operator.rollout.ServingPorts;
import io.irisoperator.operator.store.StoredModel;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each dependent as the API server gets it. */
class ManifestTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final URI MLFLOW = URI.create("http://mlflow.mlops:5000");
  private static final Defaults TOLD_MUCH =
      new Defaults(
          "registry.example.com/iris-model-server@sha256:1",
          Optional.of("registry.example.com/iris-trainer@sha256:2"),
          List.of("registry"),
          MLFLOW,
          Optional.of("mlflow-credentials"),
          Optional.of("text"),
          Map.of("release", "monitoring"),
          Map.of("grafana", "dashboards"),
          URI.create("https://wiki.example.com/alerts/"));
  private static final IrisModel SMALL = irisModel("{model: {runId: " + RUN + "}}");
  private static final IrisModel FULL =
      irisModel(
          """
          {model: {latest: {experiment: flowers}, artifactPath: forest},
           serving: {replicas: 3, image: "my/server:2", resources: {limits: {memory: 1Gi}},
                     autoscaling: {maxReplicas: 5, targetRequestsPerSecond: 200},
                     podTemplate: {
                       metadata: {labels: {team: flowers, app.kubernetes.io/name: mine}},
                       spec: {
                         nodeSelector: {disk: ssd},
                         tolerations: [{key: dedicated, operator: Exists}],
                         containers: [
                           {name: model-server, env: [{name: LOG_LEVEL, value: DEBUG}]},
                           {name: sidecar, image: "my/sidecar:1"}]}}},
           training: {retrain: now, parameters: {nEstimators: 50, randomState: 7},
                      resources: {requests: {cpu: "1"}}, retries: 0, deadlineSeconds: 60,
                      data: {configMap: flowers},
                      registerAs: {name: iris, alias: champion, minimumAccuracy: 0.9}},
           monitoring: {labels: {release: prometheus}, alerts: {pendingPeriod: 1m, errorRatePercent: 1}}}
          """);

  private static final IrisModel GUARDED =
      irisModel(
          """
          {model: {runId: %s},
           serving: {auth: {tokensSecret: iris-tokens}, tls: {secretName: iris-tls},
                     networkPolicy: {fromNamespaces: [shop]}}}
          """
              .formatted(RUN));

  private static IrisModelSpec spec(IrisModel resource) {
    return resource.getSpec().orDefault();
  }

  private static void assertManifest(String name, Object made) throws Exception {
    new GoldenFile(Path.of("src/test/resources/manifests", name + ".yaml"))
        .assertIs(Serialization.asYaml(made));
  }

  private static Object deployment(IrisModel resource, Defaults defaults) {
    IrisModelSpec spec = resource.getSpec().orDefault();
    IrisModelStatus.Model model = model(RUN);
    Revision revision =
        new Revision(Revision.id(model, spec.serving()), model, NOON, Optional.empty());
    Optional<StoredModel> copy =
        Optional.of(
            new StoredModel(model, List.of("iris-model-0", "iris-model-1"), Optional.empty()));
    return ServingDeployment.desired(resource, spec, Rollout.first(revision), copy, defaults);
  }

  private static Object job(IrisModel resource, Defaults defaults) {
    IrisModelSpec spec = resource.getSpec().orDefault();
    return TrainerJob.desired(resource, spec, new Train("iris-train-1", "now"), MLFLOW, defaults);
  }

  @Test
  void deployments() throws Exception {
    assertManifest("deployment", deployment(SMALL, DEFAULTS));
    assertManifest("deployment-full", deployment(FULL, TOLD_MUCH));
  }

  @Test
  void trainerJobs() throws Exception {
    assertManifest("job", job(SMALL, DEFAULTS));
    assertManifest("job-full", job(FULL, TOLD_MUCH));
  }

  @Test
  void theRest() throws Exception {
    assertManifest(
        "service", ServingService.desired(SMALL, ServingPorts.of(spec(SMALL).serving())));
    assertManifest("poddisruptionbudget", ServingDisruptionBudget.desired(SMALL));
    IrisModelSpec.Autoscaling autoscaling = FULL.getSpec().orDefault().serving().autoscaling();
    assertManifest("autoscaler", ServingAutoscaler.desired(FULL, autoscaling, false));
    assertManifest("autoscaler-adapter", ServingAutoscaler.desired(FULL, autoscaling, true));
    assertManifest("dashboard", DashboardConfigMap.desired(SMALL, TOLD_MUCH));
    assertManifest(
        "servicemonitor",
        MonitoringServiceMonitor.desired(
            FULL, spec(FULL).monitoring(), ServingPorts.of(spec(FULL).serving()), TOLD_MUCH));
    assertManifest(
        "prometheusrule",
        MonitoringPrometheusRule.desired(SMALL, SMALL.getSpec().orDefault(), DEFAULTS));
    assertManifest(
        "prometheusrule-full",
        MonitoringPrometheusRule.desired(FULL, FULL.getSpec().orDefault(), TOLD_MUCH));
  }

  @Test
  void whereNotAllAreLetInProbesAndMetricsHaveAPortOfTheirOwn() throws Exception {
    assertManifest("deployment-guarded", deployment(GUARDED, DEFAULTS));
    assertManifest(
        "service-guarded",
        ServingService.desired(GUARDED, ServingPorts.of(spec(GUARDED).serving())));
    assertManifest(
        "servicemonitor-guarded",
        MonitoringServiceMonitor.desired(
            GUARDED,
            spec(GUARDED).monitoring(),
            ServingPorts.of(spec(GUARDED).serving()),
            DEFAULTS));
    IrisModelSpec.NetworkPolicy policy = spec(GUARDED).serving().networkPolicy();
    assertManifest("networkpolicy", ServingNetworkPolicy.desired(GUARDED, policy, MLFLOW));
    assertManifest(
        "networkpolicy-elsewhere",
        ServingNetworkPolicy.desired(
            GUARDED, policy, URI.create("https://mlflow.example.com/tracking")));
    assertManifest(
        "networkpolicy-either",
        ServingNetworkPolicy.desired(GUARDED, policy, URI.create("https://mlflow.internal")));
  }

  /** Pods with TLS and pods without it are behind one Service while the ones replace the others. */
  @Test
  void portsOfPodsThatServeStayUntilTheirSuccessorsDo() {
    IrisModelSpec.Serving plain = spec(SMALL).serving();
    IrisModelSpec.Serving guarded = spec(GUARDED).serving();
    Revision served = revision(plain);
    Revision next = revision(guarded);
    Rollout onTheWay = Rollout.first(served).completed(NOON).to(next);
    assertThat(ServingPorts.inUse(guarded, Optional.of(onTheWay)))
        .containsExactly("http", "https", "management");
    assertThat(ServingPorts.served(guarded, Optional.of(onTheWay))).containsExactly("http");
    Rollout back = onTheWay.back(NOON, Optional.empty());
    assertThat(ServingPorts.inUse(guarded, Optional.of(back))).contains("http");
    assertThat(ServingPorts.served(guarded, Optional.of(back))).containsExactly("http");
    Rollout through = onTheWay.completed(NOON).proven();
    assertThat(ServingPorts.inUse(guarded, Optional.of(through)))
        .containsExactly("https", "management");
  }

  private static Revision revision(IrisModelSpec.Serving serving) {
    IrisModelStatus.Model model = model(RUN);
    Revision revision = new Revision(Revision.id(model, serving), model, NOON, Optional.empty());
    return revision.with(
        ServingPodTemplate.of("iris", serving, revision, Optional.empty(), DEFAULTS));
  }

  @Test
  void theOperatorsDashboardInTheChart() throws Exception {
    new GoldenFile(Path.of("../helm/iris-stack/files/operator-dashboard.json"))
        .assertIs(OperatorDashboard.of().json());
  }

  /** The pods of an MLflow that is not the operator's own must not get the operator's password. */
  @Test
  void credentialsAreForTheirServerAlone() {
    assertThat(TOLD_MUCH.env(MLFLOW.toString())).hasSize(3);
    assertThat(TOLD_MUCH.env("http://mlflow.elsewhere:5000"))
        .extracting(EnvVar::getName)
        .containsExactly("LOG_FORMAT");
  }
}
