package io.irisoperator.operator.monitoring;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.RuleBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroup;
import io.fabric8.openshift.api.model.monitoring.v1.RuleGroupBuilder;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.api.MonitoringSpec;
import io.irisoperator.operator.rollout.Fingerprint;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The PrometheusRules with the alerts of all IrisModels, for the Prometheus Operator: one for each
 * set of labels that a Prometheus selects by, with a group of alerts for each pending period. Both
 * are usually the same for all IrisModels. The limits of each IrisModel are {@link AlertMetrics}.
 *
 * @param namespace the operator's namespace
 * @param labels of PrometheusRules, from the operator's settings
 * @param runbookUrl the folder of the runbooks, one for each alert
 */
public record AlertRules(String namespace, Map<String, String> labels, URI runbookUrl) {
  private static final String NAME = "iris-models";

  public AlertRules {
    labels = Map.copyOf(labels);
  }

  /** The manifests, sorted by name. */
  public List<PrometheusRule> of(Stream<IrisModel> irisModels) {
    Map<Map<String, String>, List<IrisModel>> byLabels =
        irisModels.collect(
            Collectors.groupingBy(irisModel -> labels(irisModel.getSpec().monitoring())));
    return byLabels.entrySet().stream()
        .filter(selected -> selected.getValue().stream().anyMatch(AlertRules::isEnabled))
        .map(selected -> rule(selected.getKey(), selected.getValue()))
        .sorted(Comparator.comparing(rule -> rule.getMetadata().getName()))
        .toList();
  }

  /** Whether the IrisModel has alerts. Its pods may end before itself: that is no failure. */
  public static boolean isEnabled(IrisModel irisModel) {
    return irisModel.getSpec().monitoring().prometheusRule() && !irisModel.isMarkedForDeletion();
  }

  /** The PrometheusRule that the IrisModel's alerts are in, as the value of a label. */
  public String ruleOf(MonitoringSpec monitoring) {
    return label(name(labels(monitoring)));
  }

  /** The namespace, too: several operators may be watched by one Prometheus. */
  private String label(String name) {
    return namespace + "/" + name;
  }

  private Map<String, String> labels(MonitoringSpec monitoring) {
    Map<String, String> merged = new TreeMap<>(labels);
    merged.putAll(monitoring.labels());
    return merged;
  }

  private String name(Map<String, String> selected) {
    return selected.equals(labels)
        ? NAME
        : NAME + "-" + Fingerprint.ofText(new TreeMap<>(selected).toString());
  }

  private PrometheusRule rule(Map<String, String> selected, List<IrisModel> irisModels) {
    SortedSet<String> periods =
        irisModels.stream()
            .filter(AlertRules::isEnabled)
            .map(irisModel -> irisModel.getSpec().monitoring().alerts().forDuration())
            .collect(Collectors.toCollection(TreeSet::new));
    String name = name(selected);
    ModelAlerts rules = new ModelAlerts(namespace, label(name), runbookUrl);
    List<RuleGroup> groups = new ArrayList<>();
    groups.add(group(name + "/targets", List.of(targets(label(name), irisModels))).build());
    groups.add(group(name + "/limits", rules.limits()).build());
    // A recorded value is valid for five minutes.
    groups.add(group(name + "/records", rules.records()).withInterval("2m").build());
    groups.add(group(name + "/alerts", rules.immediateAlerts()).build());
    periods.forEach(
        period -> groups.add(group(name + "/alerts/" + period, rules.alerts(period)).build()));
    return new PrometheusRuleBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .withLabels(Labels.monitoring(name, Component.ALERTS, selected, Map.of()))
        .endMetadata()
        .withNewSpec()
        .withGroups(groups)
        .endSpec()
        .build();
  }

  /**
   * Changes with the ServiceMonitors, so that Prometheus loads them at once. Its config reloader
   * notices changed rules in a second, and a changed configuration of scrapes only with them, or
   * after three minutes.
   *
   * @see <a href="https://github.com/prometheus-operator/prometheus-operator/pull/7366">the
   *     reloader's intervals</a>
   */
  private static Rule targets(String rule, List<IrisModel> irisModels) {
    List<String> scraped =
        irisModels.stream()
            .filter(AlertRules::hasServiceMonitor)
            .map(irisModel -> ResourceID.fromResource(irisModel).toString())
            .sorted()
            .toList();
    return new RuleBuilder()
        .withRecord("irismodel:service_monitors:count")
        .withExpr(new IntOrString("vector(%d)".formatted(scraped.size())))
        .addToLabels("irismodels", Fingerprint.ofText(scraped.toString()))
        .addToLabels(AlertMetrics.RULE, rule)
        .build();
  }

  /** With a status it has been reconciled, so that its ServiceMonitor exists. */
  private static boolean hasServiceMonitor(IrisModel irisModel) {
    return irisModel.getSpec().monitoring().serviceMonitor()
        && irisModel.getStatus() != null
        && !irisModel.isMarkedForDeletion();
  }

  private static RuleGroupBuilder group(String name, List<Rule> rules) {
    return new RuleGroupBuilder().withName(name).withRules(rules);
  }
}
