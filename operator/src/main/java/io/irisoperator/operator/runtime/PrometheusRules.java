package io.irisoperator.operator.runtime;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.Labels;
import io.irisoperator.operator.api.Labels.Component;
import io.irisoperator.operator.monitoring.AlertRules;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the {@link AlertRules} in the operator's namespace in step with the IrisModels. It is run
 * every few seconds and calls the API server when something has changed, and once a minute to find
 * what others have changed.
 */
public final class PrometheusRules implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PrometheusRules.class);
  private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);

  /** Until the Prometheus Operator is installed. */
  private static final Duration CRD_INTERVAL = Duration.ofSeconds(5);

  private static final String CRD = HasMetadata.getFullResourceName(PrometheusRule.class);
  private static final String IRIS_MODEL = HasMetadata.getKind(IrisModel.class);
  private static final Map<String, String> OURS = Labels.shared(Component.ALERTS);

  private final KubernetesClient client;
  private final AlertRules rules;
  private final Set<String> namespaces;
  private final Supplier<Stream<IrisModel>> irisModels;
  private final BooleanSupplier leads;
  private final BooleanSupplier knowsAll;
  private final Clock clock;

  /** What is known to be applied since this operator leads. */
  private final Set<PrometheusRule> applied = new HashSet<>();

  private List<PrometheusRule> last = List.of();
  private Instant nextCheck = Instant.EPOCH;
  private boolean oldRulesDeleted;
  private Set<String> reported = Set.of();

  /**
   * Rules that {@link #run} keeps in step.
   *
   * @param namespaces the watched namespaces; empty for all
   * @param leads whether this operator may write
   * @param knowsAll whether its cache has all IrisModels; not while a watch is renewed
   */
  public PrometheusRules(
      KubernetesClient client,
      AlertRules rules,
      Set<String> namespaces,
      Supplier<Stream<IrisModel>> irisModels,
      BooleanSupplier leads,
      BooleanSupplier knowsAll,
      Clock clock) {
    this.client = client;
    this.rules = rules;
    this.namespaces = Set.copyOf(namespaces);
    this.irisModels = irisModels;
    this.leads = leads;
    this.knowsAll = knowsAll;
    this.clock = clock;
  }

  /** Never throws: an executor would not run it again. */
  @Override
  public void run() {
    try {
      if (leads.getAsBoolean()) {
        if (knowsAll.getAsBoolean()) {
          sync();
        }
      } else {
        applied.clear();
        last = List.of();
        nextCheck = Instant.EPOCH;
        oldRulesDeleted = false;
      }
    } catch (RuntimeException e) {
      report(Set.of("cannot compare the PrometheusRules: " + e));
    }
  }

  private void sync() {
    List<PrometheusRule> desired = rules.of(irisModels.get());
    Instant now = clock.instant();
    if (desired.equals(last) && now.isBefore(nextCheck)) {
      return;
    }
    last = desired;
    nextCheck = now.plus(CHECK_INTERVAL);
    if (client.apiextensions().v1().customResourceDefinitions().withName(CRD).get() == null) {
      nextCheck = now.plus(CRD_INTERVAL);
      applied.clear();
      return;
    }
    Set<String> errors = new TreeSet<>();
    List<PrometheusRule> actual =
        kind().inNamespace(rules.namespace()).withLabels(OURS).list().getItems();
    desired.stream()
        .filter(rule -> !applied.contains(rule) || !has(actual, rule))
        .forEach(rule -> attempt("applied", rule, this::apply, errors));
    applied.retainAll(desired);
    Set<String> names = desired.stream().map(PrometheusRules::name).collect(Collectors.toSet());
    actual.stream()
        .filter(rule -> !names.contains(name(rule)))
        .forEach(rule -> attempt("deleted", rule, this::delete, errors));
    // A rule that is refused, as one with wrong labels, was refused of the older operator, too.
    if (!oldRulesDeleted && !applied.isEmpty()) {
      Set<String> kept = new TreeSet<>();
      oldRules().forEach(rule -> attempt("deleted", rule, this::delete, kept));
      oldRulesDeleted = kept.isEmpty();
      errors.addAll(kept);
    }
    report(errors);
  }

  private MixedOperation<
          PrometheusRule, KubernetesResourceList<PrometheusRule>, Resource<PrometheusRule>>
      kind() {
    return client.resources(PrometheusRule.class);
  }

  private static String name(PrometheusRule rule) {
    return rule.getMetadata().getName();
  }

  /** Whether the rule is among these; others may have added labels and groups to it. */
  private static boolean has(List<PrometheusRule> actual, PrometheusRule rule) {
    return actual.stream()
        .filter(each -> name(each).equals(name(rule)))
        .anyMatch(
            each ->
                each.getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(rule.getMetadata().getLabels().entrySet())
                    && each.getSpec().getGroups().containsAll(rule.getSpec().getGroups()));
  }

  private void apply(PrometheusRule rule) {
    client.resource(rule).fieldManager(Labels.MANAGER).forceConflicts().serverSideApply();
    applied.add(rule);
  }

  private void delete(PrometheusRule rule) {
    client.resource(rule).delete();
  }

  /** An older operator created one for each IrisModel, in its namespace. */
  private List<PrometheusRule> oldRules() {
    List<PrometheusRule> found = new ArrayList<>();
    if (namespaces.isEmpty()) {
      found.addAll(kind().inAnyNamespace().withLabels(OURS).list().getItems());
    }
    for (String namespace : namespaces) {
      found.addAll(kind().inNamespace(namespace).withLabels(OURS).list().getItems());
    }
    return found.stream()
        .filter(
            rule ->
                rule.getMetadata().getOwnerReferences().stream()
                    .anyMatch(owner -> owner.getKind().equals(IRIS_MODEL)))
        .toList();
  }

  private static void attempt(
      String done, PrometheusRule rule, Consumer<PrometheusRule> action, Set<String> errors) {
    String namespace = rule.getMetadata().getNamespace();
    try {
      action.accept(rule);
      LOG.info("PrometheusRule {}/{} {}", namespace, name(rule), done);
    } catch (KubernetesClientException e) {
      errors.add(
          "PrometheusRule %s/%s could not be %s: %s"
              .formatted(namespace, name(rule), done, e.getMessage()));
    }
  }

  /** Once, and again when the errors change: each is retried all the time. */
  private void report(Set<String> errors) {
    if (!errors.equals(reported)) {
      errors.forEach(LOG::warn);
    }
    reported = Set.copyOf(errors);
  }
}
