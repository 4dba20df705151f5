package io.irisoperator.operator.monitoring;

import io.irisoperator.operator.api.AlertsSpec;
import io.irisoperator.operator.api.IrisModelSpec;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the operator exports for the alerts of all IrisModels, which join it: which IrisModels have
 * alerts, and their limits.
 */
public final class AlertMetrics {
  /** 1 for each IrisModel with alerts, by {@link #RULE} and {@link #FOR}. */
  public static final String ENABLED = "iris_operator_alerts_enabled";

  /** The limit of an alert, by {@link #RULE}, {@link #FOR} and {@link #ALERT}. */
  public static final String THRESHOLD = "iris_operator_alert_threshold";

  /**
   * How many IrisModels there are, by {@link #OPERATOR_NAMESPACE}; missing while the operator may
   * not know all of them.
   */
  public static final String IRIS_MODELS = "iris_operator_irismodels";

  /** The label with the operator's namespace: several may be watched by one Prometheus. */
  public static final String OPERATOR_NAMESPACE = "operator_namespace";

  /** The label with the PrometheusRule that the IrisModel's alerts are in, as namespace/name. */
  public static final String RULE = "rule";

  /** The label with the pending period. */
  public static final String FOR = "for";

  /** The label with the name of the alert. */
  public static final String ALERT = "alert";

  private AlertMetrics() {}

  /**
   * The limits of an IrisModel by the name of the alert, in the unit that the alert's expression
   * has: a fraction, seconds, or a number of pods. An alert without a limit here never fires.
   */
  public static Map<String, Double> thresholds(IrisModelSpec spec) {
    AlertsSpec alerts = spec.monitoring().alerts();
    Map<String, Double> thresholds = new TreeMap<>();
    thresholds.put(ModelAlerts.HIGH_ERROR_RATE, alerts.maxErrorRatePercent() / 100.0);
    thresholds.put(ModelAlerts.HIGH_LATENCY, alerts.maxLatencyP99Milliseconds() / 1000.0);
    thresholds.put(ModelAlerts.LOW_CONFIDENCE, (100 - alerts.maxConfidenceDropPercent()) / 100.0);
    thresholds.put(
        ModelAlerts.STALE, (double) Duration.ofDays(alerts.maxModelAgeDays()).toSeconds());
    if (spec.serving().replicas() > 0) {
      thresholds.put(ModelAlerts.UNAVAILABLE, 1.0);
    }
    return thresholds;
  }
}
