package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/** The monitoring resources to create. */
@ValidationRule(
    value =
        "!has(self.labels) || self.labels.all(key, key.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$') && self.labels[key].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$'))",
    fieldPath = ".labels",
    message =
        "monitoring.labels must be labels, such as release: prometheus: names and values have at most 63 letters, digits, -, _ and ., and a letter or a digit at each end")
public record MonitoringSpec(
    @Default("" + ENABLED)
        @JsonPropertyDescription(
            "Create a ServiceMonitor, if the CRDs of the Prometheus Operator are installed.")
        Boolean serviceMonitor,
    @Default("" + ENABLED)
        @JsonPropertyDescription(
            "Fire alerts for this model. The alerts of all models are in one PrometheusRule in the operator's namespace, which exists if the CRDs of the Prometheus Operator are installed.")
        Boolean prometheusRule,
    @Default("" + ENABLED) @JsonPropertyDescription("Create a ConfigMap with a Grafana dashboard.")
        Boolean dashboard,
    @Default("{}") @JsonPropertyDescription("The thresholds of the alerts.") AlertsSpec alerts,
    @Size(max = 20)
        @JsonPropertyDescription(
            "Labels for the ServiceMonitor and for the PrometheusRule with the alerts of this model, such as those that your Prometheus selects. That Prometheus must also scrape the operator.")
        Map<String, @Size(max = 63) String> labels) {
  private static final boolean ENABLED = true;

  static final MonitoringSpec DEFAULT = new MonitoringSpec(null, null, null, null, null);

  public MonitoringSpec {
    serviceMonitor = serviceMonitor == null ? ENABLED : serviceMonitor;
    prometheusRule = prometheusRule == null ? ENABLED : prometheusRule;
    dashboard = dashboard == null ? ENABLED : dashboard;
    alerts = alerts == null ? AlertsSpec.DEFAULT : alerts;
    labels = labels == null ? Map.of() : Map.copyOf(labels);
  }
}
