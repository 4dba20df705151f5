package io.irisoperator.operator.mock;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import io.irisoperator.operator.ManualClock;
import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.monitoring.AlertRules;
import io.irisoperator.operator.runtime.PrometheusRules;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The PrometheusRules of all IrisModels against a mock API server. */
class PrometheusRulesTest {
  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(new ObjectMapper()),
          new MockWebServer(),
          new HashMap<>(),
          new ApplyDispatcher(),
          false);
  private final Writes writes = new Writes();
  private final ManualClock time = new ManualClock();
  private final AtomicBoolean leads = new AtomicBoolean(true);
  private final AtomicBoolean knowsAll = new AtomicBoolean(true);
  private final List<IrisModel> irisModels = new ArrayList<>();
  private KubernetesClient client;
  private PrometheusRules rules;

  @BeforeEach
  void start() {
    server.init();
    client = server.createClient();
    rules =
        new PrometheusRules(
            server.createClient(
                builder ->
                    builder.withHttpClientBuilderConsumer(
                        http -> http.addOrReplaceInterceptor("writes", writes))),
            new AlertRules(
                "operators", Map.of("release", "default"), URI.create("https://example.com")),
            Set.of("mlops", "shop"),
            irisModels::stream,
            leads::get,
            knowsAll::get,
            time);
  }

  @AfterEach
  void stop() {
    client.close();
    server.destroy();
  }

  private void installCrd() throws Exception {
    Path crds = Path.of("../helm/iris-stack/charts/prometheus-crds/crds");
    Path crd = crds.resolve("monitoring.coreos.com_prometheusrules.yaml");
    client.load(Files.newInputStream(crd)).create();
  }

  private void add(String name, String monitoring) {
    IrisModel irisModel =
        Resources.irisModel("{model: {latest: {}}, monitoring: {%s}}".formatted(monitoring));
    irisModel.getMetadata().setName(name);
    irisModels.removeIf(other -> other.getMetadata().getName().equals(name));
    irisModels.add(irisModel);
  }

  private List<String> names(String namespace) {
    return client.resources(PrometheusRule.class).inNamespace(namespace).list().getItems().stream()
        .map(rule -> rule.getMetadata().getName())
        .sorted()
        .toList();
  }

  private PrometheusRule rule(String name) {
    return client.resources(PrometheusRule.class).inNamespace("operators").withName(name).get();
  }

  private List<String> groups(String name) {
    return rule(name).getSpec().getGroups().stream().map(RuleGroup::getName).toList();
  }

  @Test
  void hasOneRuleForAnyNumberOfIrisModels() throws Exception {
    add("iris", "");
    rules.run();
    assertThat(names("operators")).isEmpty();
    installCrd();
    time.pass(Duration.ofSeconds(10));
    rules.run();
    assertThat(names("operators")).containsExactly("iris-models");
    PrometheusRule one = rule("iris-models");
    assertThat(one.getMetadata().getLabels())
        .containsEntry("release", "default")
        .containsAllEntriesOf(Labels.of("iris-models", Component.ALERTS));
    assertThat(groups("iris-models"))
        .containsExactly(
            "iris-models/targets",
            "iris-models/limits",
            "iris-models/records",
            "iris-models/alerts",
            "iris-models/alerts/10m");
    int before = writes.seen().size();
    IntStream.range(0, 1000).forEach(n -> add("iris-" + n, "alerts: {maxErrorRatePercent: 2}"));
    rules.run();
    time.pass(Duration.ofMinutes(2));
    rules.run();
    assertThat(writes.seen()).hasSize(before);
    assertThat(names("operators")).containsExactly("iris-models");
    assertThat(rule("iris-models")).isEqualTo(one);
  }

  /** Prometheus would load a changed configuration of scrapes only minutes later. */
  @Test
  void changesWithTheServiceMonitors() throws Exception {
    installCrd();
    add("iris", "");
    rules.run();
    Rule without = targets();
    irisModels.getFirst().setStatus(IrisModelStatus.none());
    rules.run();
    Rule one = targets();
    assertThat(one.getExpr().getStrVal()).isEqualTo("vector(1)");
    assertThat(one).isNotEqualTo(without);
    add("another", "");
    irisModels.getLast().setStatus(IrisModelStatus.none());
    irisModels.removeFirst();
    rules.run();
    assertThat(targets().getExpr().getStrVal()).isEqualTo("vector(1)");
    assertThat(targets()).isNotEqualTo(one);
    add("another", "serviceMonitor: false");
    irisModels.getLast().setStatus(IrisModelStatus.none());
    rules.run();
    assertThat(targets()).isEqualTo(without);
  }

  private Rule targets() {
    return rule("iris-models").getSpec().getGroups().getFirst().getRules().getFirst();
  }

  @Test
  void followsLabelsPeriodsAndTheSwitch() throws Exception {
    installCrd();
    add("iris", "");
    add("hasty", "alerts: {for: 1s}");
    add("same", "labels: {release: default}");
    add("other", "labels: {release: other}, alerts: {for: 5m}");
    rules.run();
    assertThat(names("operators")).hasSize(2).first().isEqualTo("iris-models");
    assertThat(groups("iris-models"))
        .contains("iris-models/alerts/10m", "iris-models/alerts/1s")
        .doesNotContain("iris-models/alerts/5m");
    String other = names("operators").getLast();
    assertThat(rule(other).getMetadata().getLabels()).containsEntry("release", "other");
    assertThat(groups(other)).contains(other + "/alerts/5m").hasSize(5);

    add("hasty", "");
    add("other", "prometheusRule: false, labels: {release: other}");
    rules.run();
    assertThat(names("operators")).containsExactly("iris-models");
    assertThat(groups("iris-models")).doesNotContain("iris-models/alerts/1s");

    irisModels.clear();
    rules.run();
    assertThat(names("operators")).isEmpty();
  }

  @Test
  void revertsWhatOthersChange() throws Exception {
    installCrd();
    add("iris", "");
    rules.run();
    PrometheusRule ours = rule("iris-models");
    client.resource(ours).delete();
    time.pass(Duration.ofSeconds(59));
    rules.run();
    assertThat(names("operators")).isEmpty();
    time.pass(Duration.ofSeconds(2));
    rules.run();
    assertThat(rule("iris-models").getSpec()).isEqualTo(ours.getSpec());

    client
        .resources(PrometheusRule.class)
        .inNamespace("operators")
        .withName("iris-models")
        .edit(
            rule -> {
              rule.getSpec().getGroups().getLast().getRules().removeFirst();
              return rule;
            });
    time.pass(Duration.ofMinutes(1));
    rules.run();
    assertThat(rule("iris-models").getSpec()).isEqualTo(ours.getSpec());
  }

  @Test
  void writesOnlyAsTheLeader() throws Exception {
    installCrd();
    add("iris", "");
    leads.set(false);
    rules.run();
    assertThat(names("operators")).isEmpty();
    leads.set(true);
    rules.run();
    assertThat(names("operators")).containsExactly("iris-models");
    // An operator that does not lead may not know an IrisModel yet, or any more.
    leads.set(false);
    irisModels.clear();
    rules.run();
    assertThat(names("operators")).containsExactly("iris-models");
  }

  /** A watch is renewed every few minutes. */
  @Test
  void writesNothingNewWhenAWatchIsRenewed() throws Exception {
    installCrd();
    add("iris", "");
    rules.run();
    int before = writes.seen().size();
    knowsAll.set(false);
    irisModels.clear();
    rules.run();
    add("iris", "");
    knowsAll.set(true);
    rules.run();
    assertThat(writes.seen()).hasSize(before);
  }

  @Test
  void deletesTheRulesOfOlderOperators() throws Exception {
    installCrd();
    add("iris", "");
    create("mlops", "iris", "IrisModel", Labels.of("iris", Component.ALERTS));
    create("shop", "iris", "IrisModel", Labels.of("iris", Component.ALERTS));
    create("shop", "of-another-owner", "Kustomization", Labels.of("x", Component.ALERTS));
    create("shop", "of-a-user", "IrisModel", Map.of("release", "default"));
    create("elsewhere", "iris", "IrisModel", Labels.of("iris", Component.ALERTS));
    create("operators", "unused", "IrisModel", Labels.of("unused", Component.ALERTS));
    rules.run();
    assertThat(names("operators")).containsExactly("iris-models");
    assertThat(names("mlops")).isEmpty();
    assertThat(names("shop")).containsExactly("of-a-user", "of-another-owner");
    assertThat(names("elsewhere")).containsExactly("iris");
  }

  private void create(String namespace, String name, String owner, Map<String, String> labels) {
    client
        .resource(
            new PrometheusRuleBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(labels)
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind(owner)
                .withName(name)
                .withUid("1-2-3")
                .endOwnerReference()
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build())
        .create();
  }

  @Test
  void anErrorOfOneRuleDoesNotStopTheOthers() throws Exception {
    installCrd();
    add("iris", "");
    add("other", "labels: {release: other}");
    writes.fail(path -> path.endsWith("/iris-models"));
    rules.run();
    assertThat(names("operators")).singleElement().matches(name -> name.startsWith("iris-models-"));
    writes.fail(path -> false);
    time.pass(Duration.ofMinutes(1));
    rules.run();
    assertThat(names("operators")).hasSize(2).contains("iris-models");
  }
}
