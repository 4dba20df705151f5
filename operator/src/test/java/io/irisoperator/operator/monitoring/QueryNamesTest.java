package io.irisoperator.operator.monitoring;

import static io.irisoperator.operator.Resources.RUN;
import static io.irisoperator.operator.Resources.irisModel;
import static io.irisoperator.operator.Resources.model;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.irisoperator.contract.ModelServerMetrics;
import io.irisoperator.operator.Resources;
import io.irisoperator.operator.api.IrisModel;
import io.irisoperator.operator.api.IrisModelStatus;
import io.irisoperator.operator.api.Reason;
import io.irisoperator.operator.decide.Decision.PendingEvent;
import io.irisoperator.operator.runtime.AlertCollector;
import io.irisoperator.operator.runtime.OperatorMetrics;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Queries name metrics literally, for reading; each name must be one that a program exposes. */
class QueryNamesTest {
  private static final Pattern METRIC = Pattern.compile("\\biris_[a-z_]+");
  private static final Pattern SUFFIX = Pattern.compile("_(bucket|sum|count)$");

  @Test
  void queriesNameExistingMetrics() throws Exception {
    IrisModel resource = irisModel("{model: {runId: " + RUN + "}}");
    AlertRules alerts = new AlertRules("mlops", Map.of(), Resources.DEFAULTS.runbookUrl());
    Set<String> used = new TreeSet<>();
    Stream.of(
            alerts.of(Stream.of(resource)).stream()
                .flatMap(rule -> rule.getSpec().getGroups().stream())
                .flatMap(group -> group.getRules().stream())
                .map(Rule::getExpr)
                .map(String::valueOf),
            Stream.of(ModelDashboard.of("mlops", "iris").json(), OperatorDashboard.of().json()),
            Stream.of(
                Files.readString(Path.of("../helm/iris-stack/files/operator-rules.yaml")),
                Files.readString(Path.of("../k8s/verify"))))
        .flatMap(texts -> texts)
        .forEach(
            text ->
                METRIC
                    .matcher(text)
                    .results()
                    .map(match -> SUFFIX.matcher(match.group()).replaceFirst(""))
                    .forEach(used::add));
    assertThat(used).hasSizeGreaterThan(10);
    Set<String> exposed = operatorMetrics(resource, alerts);
    exposed.addAll(modelServerMetrics());
    assertThat(exposed).containsAll(used);
  }

  private static Set<String> modelServerMetrics() throws Exception {
    Set<String> names = new TreeSet<>();
    for (Field field : ModelServerMetrics.class.getFields()) {
      names.add(String.valueOf(field.get(null)));
    }
    return names;
  }

  private static Set<String> operatorMetrics(IrisModel resource, AlertRules alerts) {
    OperatorMetrics metrics = new OperatorMetrics();
    resource.setStatus(
        new IrisModelStatus(
            1L,
            List.of(
                new ConditionBuilder()
                    .withType("Ready")
                    .withStatus("True")
                    .withReason("Serving")
                    .build()),
            model(RUN),
            null,
            1,
            1,
            null,
            List.of(),
            null,
            List.of(),
            null));
    metrics.watch(() -> Stream.of(resource));
    metrics
        .registry()
        .getPrometheusRegistry()
        .register(new AlertCollector(alerts, metrics::watched, () -> true));
    metrics.eventRecorded(resource, new PendingEvent(false, Reason.RESOLVED, ""));
    metrics.mlflowListener(true).onCall("runs/get", "ok", Duration.ZERO);
    Set<String> names = new TreeSet<>();
    Pattern.compile("(?m)^# TYPE (iris_[a-z_]+) ")
        .matcher(metrics.registry().scrape())
        .results()
        .map(match -> match.group(1))
        .forEach(names::add);
    return names;
  }
}
