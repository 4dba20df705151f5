package io.irisoperator.operator.apply;

import static io.irisoperator.operator.Resources.DEFAULTS;
import static io.irisoperator.operator.Resources.RUN;
import static io.irisoperator.operator.Resources.irisModel;
import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.irisoperator.config.Environment;
import io.irisoperator.config.Proxies;
import io.irisoperator.operator.api.AutoscalingSpec;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelSpec;
import io.irisoperator.operator.api.MlflowSpec;
import io.irisoperator.operator.api.NetworkPolicySpec;
import io.irisoperator.operator.api.PinnedModel;
import io.irisoperator.operator.api.ServingSpec;
import io.irisoperator.operator.apply.monitoring.DashboardConfigMap;
import io.irisoperator.operator.apply.monitoring.ModelServiceMonitor;
import io.irisoperator.operator.apply.serving.ServingAutoscaler;
import io.irisoperator.operator.apply.serving.ServingDeployment;
import io.irisoperator.operator.apply.serving.ServingDisruptionBudget;
import io.irisoperator.operator.apply.serving.ServingNetworkPolicy;
import io.irisoperator.operator.apply.serving.ServingPodTemplate;
import io.irisoperator.operator.apply.serving.ServingService;
import io.irisoperator.operator.apply.training.TrainerJob;
import io.irisoperator.operator.decide.Decision.Train;
import io.irisoperator.operator.monitoring.AlertRules;
import io.irisoperator.operator.monitoring.OperatorDashboard;
import io.irisoperator.operator.rollout.PortsInUse;
import io.irisoperator.operator.rollout.Revision;
import io.irisoperator.operator.rollout.RolloutState;
import io.irisoperator.operator.state.StoredModel;
import io.irisoperator.testkit.GoldenFile;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manifest of each dependent. */
class ManifestTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final URI MLFLOW = URI.create("http://mlflow.mlops:5000");
  private static final WorkloadDefaults ALL_SETTINGS =
      new WorkloadDefaults(
          "registry.example.com/iris-model-server@sha256:1",
          Optional.of("registry.example.com/iris-trainer@sha256:2"),
          List.of("registry"),
          MLFLOW,
          Optional.of("mlflow-credentials"),
          Optional.of("company-ca"),
          Proxies.of(new Environment(Map.of("HTTPS_PROXY", "http://proxy:3128"))),
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
                      resources: {requests: {cpu: "1"}}, backoffLimit: 0, activeDeadlineSeconds: 60,
                      data: {configMapName: flowers},
                      registration: {name: iris, alias: champion, minAccuracy: 0.9}},
           monitoring: {labels: {release: prometheus}, alerts: {for: 1m, maxErrorRatePercent: 1}}}
          """);

  private static final IrisModel RESTRICTED =
      irisModel(
          """
          {model: {runId: %s},
           serving: {auth: {tokensSecretName: iris-tokens}, tls: {secretName: iris-tls},
                     networkPolicy: {allowedNamespaces: [shop]}}}
          """
              .formatted(RUN));

  private static IrisModelSpec spec(IrisModel resource) {
    return resource.getSpec();
  }

  private static void assertManifest(String name, Object resource) throws Exception {
    new GoldenFile(Path.of("src/test/resources/manifests", name + ".yaml"))
        .assertContent(Serialization.asYaml(resource));
  }

  private static Object deployment(IrisModel resource, WorkloadDefaults defaults) {
    IrisModelSpec spec = resource.getSpec();
    PinnedModel model = model(RUN);
    Revision revision = Revision.of(model, spec.serving(), NOON);
    Optional<StoredModel> copy =
        Optional.of(
            new StoredModel(
                model.digest(), List.of("stored-model-0", "stored-model-1"), Optional.empty()));
    return ServingDeployment.desired(
        resource, spec, RolloutState.initial(revision), copy, defaults);
  }

  private static Object job(IrisModel resource, WorkloadDefaults defaults) {
    IrisModelSpec spec = resource.getSpec();
    return TrainerJob.desired(resource, spec, new Train("iris-train-1", "now"), MLFLOW, defaults);
  }

  @Test
  void deployments() throws Exception {
    assertManifest("deployment", deployment(SMALL, DEFAULTS));
    assertManifest("deployment-full", deployment(FULL, ALL_SETTINGS));
  }

  @Test
  void trainerJobs() throws Exception {
    assertManifest("job", job(SMALL, DEFAULTS));
    assertManifest("job-full", job(FULL, ALL_SETTINGS));
  }

  @Test
  void theRest() throws Exception {
    assertManifest("service", ServingService.desired(SMALL, PortsInUse.of(spec(SMALL).serving())));
    assertManifest("poddisruptionbudget", ServingDisruptionBudget.desired(SMALL));
    AutoscalingSpec autoscaling = FULL.getSpec().serving().autoscaling();
    assertManifest("autoscaler", ServingAutoscaler.desired(FULL, autoscaling, false));
    assertManifest("autoscaler-adapter", ServingAutoscaler.desired(FULL, autoscaling, true));
    assertManifest("dashboard", DashboardConfigMap.desired(SMALL, ALL_SETTINGS));
    assertManifest(
        "servicemonitor",
        ModelServiceMonitor.desired(
            FULL, spec(FULL).monitoring(), PortsInUse.of(spec(FULL).serving()), ALL_SETTINGS));
  }

  /** One for all IrisModels with the same labels, with a group for each pending period. */
  @Test
  void prometheusRules() throws Exception {
    AlertRules rules = new AlertRules("mlops", Map.of(), DEFAULTS.runbookUrl());
    IrisModel hasty = irisModel("{model: {latest: {}}, monitoring: {alerts: {for: 1m}}}");
    IrisModel silent =
        irisModel("{model: {latest: {}}, monitoring: {prometheusRule: false, alerts: {for: 2m}}}");
    List<PrometheusRule> one = rules.of(Stream.of(SMALL, hasty, silent, RESTRICTED));
    assertThat(one).hasSize(1);
    assertManifest("prometheusrule", one.getFirst());
    AlertRules withSettings =
        new AlertRules("mlops", ALL_SETTINGS.monitoringLabels(), ALL_SETTINGS.runbookUrl());
    List<PrometheusRule> two = withSettings.of(Stream.of(FULL, SMALL));
    assertThat(two).hasSize(2);
    assertManifest("prometheusrule-labels", two.getLast());
    assertThat(withSettings.ruleOf(FULL.getSpec().monitoring()))
        .isEqualTo("mlops/" + two.getLast().getMetadata().getName());
    assertThat(withSettings.ruleOf(SMALL.getSpec().monitoring())).isEqualTo("mlops/iris-models");
    assertThat(rules.of(Stream.of(silent))).isEmpty();
  }

  @Test
  void restrictedPodsHaveAManagementPort() throws Exception {
    assertManifest("deployment-restricted", deployment(RESTRICTED, DEFAULTS));
    assertManifest(
        "service-restricted",
        ServingService.desired(RESTRICTED, PortsInUse.of(spec(RESTRICTED).serving())));
    assertManifest(
        "servicemonitor-restricted",
        ModelServiceMonitor.desired(
            RESTRICTED,
            spec(RESTRICTED).monitoring(),
            PortsInUse.of(spec(RESTRICTED).serving()),
            DEFAULTS));
    NetworkPolicySpec policy = spec(RESTRICTED).serving().networkPolicy();
    assertManifest(
        "networkpolicy",
        ServingNetworkPolicy.desired(RESTRICTED, policy, MLFLOW, Optional.empty()));
    assertManifest(
        "networkpolicy-elsewhere",
        ServingNetworkPolicy.desired(
            RESTRICTED,
            policy,
            URI.create("https://mlflow.example.com/tracking"),
            Optional.of(URI.create("http://proxy:3128"))));
    assertManifest(
        "networkpolicy-either",
        ServingNetworkPolicy.desired(
            RESTRICTED, policy, URI.create("https://mlflow.internal"), Optional.empty()));
  }

  /** Pods with TLS and pods without are behind one Service while some replace the others. */
  @Test
  void theServiceKeepsThePortsOfPodsThatServe() {
    ServingSpec restricted = spec(RESTRICTED).serving();
    Revision served = revision(spec(SMALL));
    Revision next = revision(spec(RESTRICTED));
    RolloutState progressing = RolloutState.initial(served).markAvailable(NOON).start(next);
    assertThat(PortsInUse.ofAll(restricted, Optional.of(progressing)))
        .containsExactly("http", "https", "management");
    assertThat(PortsInUse.ofServing(restricted, Optional.of(progressing))).containsExactly("http");
    RolloutState back = progressing.rollBack(NOON, Optional.empty());
    assertThat(PortsInUse.ofAll(restricted, Optional.of(back))).contains("http");
    assertThat(PortsInUse.ofServing(restricted, Optional.of(back))).containsExactly("http");
    RolloutState promoted = ((RolloutState.Analyzing) progressing.markAvailable(NOON)).promote();
    assertThat(PortsInUse.ofAll(restricted, Optional.of(promoted)))
        .containsExactly("https", "management");
  }

  private static Revision revision(IrisModelSpec spec) {
    PinnedModel model = model(RUN);
    Revision revision = Revision.of(model, spec.serving(), NOON);
    return new Revision(
        revision.id(),
        model,
        NOON,
        Optional.of(ServingPodTemplate.of("iris", spec, revision, Optional.empty(), DEFAULTS)));
  }

  @Test
  void theOperatorsDashboardInTheChart() throws Exception {
    new GoldenFile(Path.of("../helm/iris-stack/files/operator-dashboard.json"))
        .assertContent(new JsonMapper().readTree(OperatorDashboard.of().json()).toPrettyString());
  }

  /** The pods of an MLflow that is not the operator's own must not get the operator's password. */
  @Test
  void credentialsAreForTheirServerAlone() {
    String elsewhere = "http://mlflow.elsewhere:5000";
    MlflowSpec ofElsewhere = new MlflowSpec(elsewhere, "login", null);
    assertThat(MlflowMounts.of(MLFLOW.toString(), null, ALL_SETTINGS))
        .isEqualTo(mounts("mlflow-credentials", "company-ca"));
    assertThat(MlflowMounts.of(elsewhere, null, ALL_SETTINGS)).isEqualTo(mounts(null, null));
    assertThat(MlflowMounts.of(elsewhere, ofElsewhere, ALL_SETTINGS))
        .isEqualTo(mounts("login", null));
    // Pods go on to serve a model of the server that the spec named before.
    assertThat(MlflowMounts.of(MLFLOW.toString(), ofElsewhere, ALL_SETTINGS))
        .isEqualTo(mounts("mlflow-credentials", "company-ca"));
    assertThat(MlflowMounts.of("http://before:5000", ofElsewhere, ALL_SETTINGS))
        .isEqualTo(mounts(null, null));
    assertThat(
            MlflowMounts.of(MLFLOW.toString(), new MlflowSpec(null, "login", null), ALL_SETTINGS))
        .isEqualTo(mounts("login", "company-ca"));
    assertThat(MlflowMounts.of(MLFLOW.toString(), new MlflowSpec(null, null, "mine"), ALL_SETTINGS))
        .isEqualTo(mounts(null, "mine"));
  }

  private static MlflowMounts mounts(String secret, String configMap) {
    return new MlflowMounts(Optional.ofNullable(secret), Optional.ofNullable(configMap));
  }
}
