package io.irisoperator.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What to serve, and how.
 *
 * <p>Components that are absent in the resource are null, as Jackson leaves them; {@link
 * #orDefault} gives the sections that always mean something.
 */
public record IrisModelSpec(
    @JsonPropertyDescription("Where MLflow is; by default the operator's own.") Mlflow mlflow,
    @Required
        @JsonPropertyDescription("Which model to serve: exactly one of runId, latest, registered.")
        Model model,
    @Default("{}") @JsonPropertyDescription("How to serve it.") Serving serving,
    @Default("{}") @JsonPropertyDescription("How to change from one model to the next.")
        Rollout rollout,
    @JsonPropertyDescription("How and when to train a new one.") Training training,
    @Default("{}") @JsonPropertyDescription("What to make for Prometheus and Grafana.")
        Monitoring monitoring) {

  private static final Serving DEFAULT_SERVING =
      new Serving(1, null, null, null, null, null, null, null);
  private static final Analysis DEFAULT_ANALYSIS = new Analysis("2m", 5, 200);
  private static final Rollout DEFAULT_ROLLOUT = new Rollout(120, DEFAULT_ANALYSIS, null);
  private static final Training NO_TRAINING =
      new Training(null, null, null, null, null, null, null, null, null, null, null, null, null)
          .orDefault();
  private static final Alerts DEFAULT_ALERTS = new Alerts("10m", 5, 100, 10, 90);
  private static final Monitoring DEFAULT_MONITORING =
      new Monitoring(true, true, true, DEFAULT_ALERTS, Map.of());

  /**
   * The same with nothing absent that has a default: for resources that came past the API server's.
   */
  @JsonIgnore
  public IrisModelSpec orDefault() {
    return new IrisModelSpec(
        mlflow == null ? new Mlflow(null, null, null) : mlflow,
        model.artifactPath() == null
            ? new Model(model.runId(), model.latest(), model.registered(), "iris-model")
            : model,
        serving == null ? DEFAULT_SERVING : serving.orDefault(),
        rollout == null ? DEFAULT_ROLLOUT : rollout.orDefault(),
        training == null ? NO_TRAINING : training.orDefault(),
        monitoring == null ? DEFAULT_MONITORING : monitoring.orDefault());
  }

  /** Where MLflow is. */
  @ValidationRule(
      value =
          "!has(self.trackingUri) || self.trackingUri.matches('^https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$')",
      fieldPath = ".trackingUri",
      message = "mlflow.trackingUri must be an http or https URL, such as http://mlflow.mlops:5000")
  @ValidationRule(
      value = "!has(self.credentialsSecret)",
      fieldPath = ".credentialsSecret",
      message = "mlflow.credentialsSecret is not supported yet: leave it out")
  @ValidationRule(
      value = "!has(self.caBundleConfigMap)",
      fieldPath = ".caBundleConfigMap",
      message = "mlflow.caBundleConfigMap is not supported yet: leave it out")
  public record Mlflow(
      @Size(max = 500) @JsonPropertyDescription("MLflow's address, http or https.")
          String trackingUri,
      @Size(max = 253)
          @JsonPropertyDescription("Not supported yet. A Secret with user name and password.")
          String credentialsSecret,
      @Size(max = 253)
          @JsonPropertyDescription("Not supported yet. A ConfigMap with certificates to trust.")
          String caBundleConfigMap) {}

  /** Which model. */
  @ValidationRule(
      value =
          "(has(self.runId) ? 1 : 0) + (has(self.latest) ? 1 : 0) + (has(self.registered) ? 1 : 0) == 1",
      message = "set exactly one of model.runId, model.latest and model.registered")
  @ValidationRule(
      value = "!has(self.runId) || self.runId.matches('^[0-9a-f]{32}$')",
      fieldPath = ".runId",
      message = "model.runId must be 32 hexadecimal digits, as MLflow shows a run's id")
  public record Model(
      @Size(max = 200) @JsonPropertyDescription("This MLflow run: 32 hexadecimal digits.")
          String runId,
      @JsonPropertyDescription("The newest FINISHED run of an experiment that has the artifact.")
          Latest latest,
      @JsonPropertyDescription("A version of a registered model.") Registered registered,
      @Default("iris-model")
          @Pattern("^[A-Za-z0-9_.-]+$")
          @Size(max = 100)
          @JsonPropertyDescription("The model folder's name below the run.")
          String artifactPath) {}

  /** The newest run. */
  public record Latest(
      @Required @Size(min = 1, max = 200) @JsonPropertyDescription("The MLflow experiment's name.")
          String experiment) {}

  /** A registered model. */
  @ValidationRule(
      value = "(has(self.version) ? 1 : 0) + (has(self.alias) ? 1 : 0) == 1",
      message = "set exactly one of model.registered.version and model.registered.alias")
  @ValidationRule(
      value = "!has(self.version) || self.version.matches('^[1-9][0-9]*$')",
      fieldPath = ".version",
      message =
          "model.registered.version must be a version's number, such as \"3\"; for a name use alias")
  public record Registered(
      @Required @Size(min = 1, max = 200) @JsonPropertyDescription("The registered model's name.")
          String name,
      @Size(max = 20) @JsonPropertyDescription("This version, such as \"3\".") String version,
      @Size(min = 1, max = 200) @JsonPropertyDescription("The version that has this alias.")
          String alias) {}

  /** How to serve. */
  public record Serving(
      @Default("1")
          @Min(0)
          @Max(100)
          @SpecReplicas
          @JsonPropertyDescription(
              "Pods that serve, 0 to 100; leave it out where serving.autoscaling sets it.")
          Integer replicas,
      @JsonPropertyDescription("CPU and memory of a pod.") ResourceRequirements resources,
      @Size(min = 1, max = 500)
          @JsonPropertyDescription("The model server's image; by default the operator's choice.")
          String image,
      @JsonPropertyDescription("Set the number of pods by their load.") Autoscaling autoscaling,
      @JsonPropertyDescription("Let in only who has a token.") Auth auth,
      @JsonPropertyDescription("Speak TLS.") Tls tls,
      @JsonPropertyDescription(
              "Let only some namespaces connect to the pods, and the pods only to MLflow and DNS.")
          NetworkPolicy networkPolicy,
      @JsonPropertyDescription(
              "Laid over the pods' template by a strategic merge; the container is model-server.")
          PodTemplateSpec podTemplate) {

    Serving orDefault() {
      return new Serving(
          replicas == null ? 1 : replicas,
          resources,
          image,
          autoscaling == null ? null : autoscaling.orDefault(),
          auth,
          tls,
          networkPolicy,
          podTemplate);
    }

    /** Whether probes and metrics have a port of their own, beside the one that not all may use. */
    @JsonIgnore
    public boolean isGuarded() {
      return auth != null || tls != null || networkPolicy != null;
    }
  }

  /** How to change from one model, or one kind of pods, to the next. */
  public record Rollout(
      @Default("120")
          @Min(10)
          @Max(3600)
          @JsonPropertyDescription(
              "Seconds in which the next pod must get ready; else what was served before is gone back to.")
          Integer progressDeadlineSeconds,
      @Default("{}")
          @JsonPropertyDescription(
              "What the new pods' own metrics must be after a change; else what was served before is gone back to.")
          Analysis analysis,
      @Size(min = 1, max = 100)
          @JsonPropertyDescription(
              "A digest or a run of status.history: serve that, and leave the source alone, until this is removed.")
          String rollbackTo) {

    Rollout orDefault() {
      return new Rollout(
          progressDeadlineSeconds == null
              ? DEFAULT_ROLLOUT.progressDeadlineSeconds
              : progressDeadlineSeconds,
          analysis == null ? DEFAULT_ANALYSIS : analysis.orDefault(),
          rollbackTo);
    }
  }

  /** What new pods are watched for. */
  @ValidationRule(
      value = "!has(self.duration) || self.duration.matches('^[0-9]{1,4}[smh]$')",
      fieldPath = ".duration",
      message = "rollout.analysis.duration must be a number and s, m or h, such as 2m; 0s for none")
  public record Analysis(
      @Default("2m")
          @Size(max = 5)
          @JsonPropertyDescription("How long after the change, such as 2m; 0s for not at all.")
          String duration,
      @Default("5")
          @Min(0)
          @Max(99)
          @JsonPropertyDescription("Of 100 predictions no more may be answered with a 5xx.")
          Integer errorRatePercent,
      @Default("200")
          @Min(1)
          @Max(900)
          @JsonPropertyDescription("The 99th percentile of /predict's duration may not be above.")
          Integer latencyP99Milliseconds) {

    Analysis orDefault() {
      return new Analysis(
          duration == null ? DEFAULT_ANALYSIS.duration : duration,
          errorRatePercent == null ? DEFAULT_ANALYSIS.errorRatePercent : errorRatePercent,
          latencyP99Milliseconds == null
              ? DEFAULT_ANALYSIS.latencyP99Milliseconds
              : latencyP99Milliseconds);
    }

    /** The duration as such. */
    @JsonIgnore
    public Duration time() {
      return Duration.parse("PT" + duration.toUpperCase(Locale.ROOT));
    }
  }

  /** How and when to train. */
  @ValidationRule(
      value = "!has(self.schedule) || self.schedule.matches('^\\\\S+( \\\\S+){4}$')",
      fieldPath = ".schedule",
      message =
          "training.schedule must be five fields with a space between: minute, hour, day of month, month, day of week, such as 0 3 * * *")
  @ValidationRule(
      value =
          "!has(self.timeZone) || self.timeZone.matches('^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$')",
      fieldPath = ".timeZone",
      message = "training.timeZone must be a name of the time zone database, such as Europe/Zurich")
  @ValidationRule(
      value = "!has(self.concurrency) || self.concurrency == 'Forbid'",
      fieldPath = ".concurrency",
      message = "training.concurrency must be Forbid: one training at a time")
  public record Training(
      @Size(max = 200)
          @JsonPropertyDescription(
              "Any text; one that was not used before asks for one training Job.")
          String retrain,
      @Size(max = 100)
          @JsonPropertyDescription(
              "When to train by itself: five fields of cron, such as 0 3 * * * for every night at three.")
          String schedule,
      @Default("UTC")
          @Size(max = 100)
          @JsonPropertyDescription("The schedule's time zone, such as Europe/Zurich.")
          String timeZone,
      @Default("Forbid")
          @Size(max = 20)
          @JsonPropertyDescription("Forbid: one training at a time; another waits.")
          String concurrency,
      @Size(min = 1, max = 200)
          @JsonPropertyDescription(
              "The MLflow experiment to log to; by default model.latest's, else iris_classification.")
          String experiment,
      @JsonPropertyDescription("What the forest is fitted with.") Parameters parameters,
      @JsonPropertyDescription("The rows to train on; by default those in the trainer's image.")
          Data data,
      @JsonPropertyDescription("Where to register the model that comes of it.")
          RegisterAs registerAs,
      @JsonPropertyDescription("CPU and memory of the training pod.")
          ResourceRequirements resources,
      @Default("3600")
          @Min(10)
          @Max(604800)
          @JsonPropertyDescription("Seconds that a training may take, with its retries.")
          Integer deadlineSeconds,
      @Default("2")
          @Min(0)
          @Max(10)
          @JsonPropertyDescription("How often a training that failed is tried again.")
          Integer retries,
      @Default("3")
          @Min(0)
          @Max(100)
          @JsonPropertyDescription("So many Jobs that succeeded are kept.")
          Integer successfulJobsHistoryLimit,
      @Default("1") @Min(0) @Max(100) @JsonPropertyDescription("So many Jobs that failed are kept.")
          Integer failedJobsHistoryLimit) {

    Training orDefault() {
      return new Training(
          retrain,
          schedule,
          timeZone == null ? "UTC" : timeZone,
          "Forbid",
          experiment,
          parameters,
          data,
          registerAs,
          resources,
          deadlineSeconds == null ? 3600 : deadlineSeconds,
          retries == null ? 2 : retries,
          successfulJobsHistoryLimit == null ? 3 : successfulJobsHistoryLimit,
          failedJobsHistoryLimit == null ? 1 : failedJobsHistoryLimit);
    }

    /** The text that asks for a training; an empty one asks for none. */
    @JsonIgnore
    public Optional<String> request() {
      return Optional.ofNullable(retrain).filter(text -> !text.isBlank());
    }
  }

  /** What the forest is fitted with, by scikit-learn's names. */
  public record Parameters(
      @Min(1) @Max(1000) @JsonPropertyDescription("Trees; by default 100.") Integer nEstimators,
      @Min(1) @Max(30) @JsonPropertyDescription("Splits from root to leaf; by default 10.")
          Integer maxDepth,
      @Min(2) @JsonPropertyDescription("Rows that a node needs to be split; by default 2.")
          Integer minSamplesSplit,
      @Min(1) @JsonPropertyDescription("Rows that a leaf needs; by default 1.")
          Integer minSamplesLeaf,
      @JsonPropertyDescription("The seed; by default 42.") Integer randomState) {}

  /** What to make for Prometheus and Grafana. */
  public record Monitoring(
      @Default("true")
          @JsonPropertyDescription(
              "Make a ServiceMonitor, where the Prometheus Operator's CRDs are installed.")
          Boolean serviceMonitor,
      @Default("true") @JsonPropertyDescription("Make a ConfigMap with a Grafana dashboard.")
          Boolean dashboard,
      @Default("true")
          @JsonPropertyDescription(
              "Make a PrometheusRule with alerts, where the Prometheus Operator's CRDs are installed.")
          Boolean rules,
      @Default("{}") @JsonPropertyDescription("When the alerts fire.") Alerts alerts,
      @Size(max = 20)
          @JsonPropertyDescription(
              "Labels for ServiceMonitor and PrometheusRule, such as the ones your Prometheus selects by.")
          Map<String, String> labels) {

    Monitoring orDefault() {
      return new Monitoring(
          serviceMonitor == null || serviceMonitor,
          dashboard == null || dashboard,
          rules == null || rules,
          alerts == null ? DEFAULT_ALERTS : alerts.orDefault(),
          labels == null ? Map.of() : labels);
    }
  }

  /** When the alerts fire. */
  @ValidationRule(
      value = "!has(self.pendingPeriod) || self.pendingPeriod.matches('^[0-9]{1,4}[smh]$')",
      fieldPath = ".pendingPeriod",
      message = "monitoring.alerts.pendingPeriod must be a number and s, m or h, such as 10m")
  public record Alerts(
      @Default("10m")
          @Size(max = 5)
          @JsonPropertyDescription("How long it must be so before an alert fires, such as 10m.")
          String pendingPeriod,
      @Default("5")
          @Min(1)
          @Max(99)
          @JsonPropertyDescription("More of 100 predictions answered with a 5xx.")
          Integer errorRatePercent,
      @Default("100")
          @Min(1)
          @Max(900)
          @JsonPropertyDescription("A 99th percentile of /predict's duration above this.")
          Integer latencyP99Milliseconds,
      @Default("10")
          @Min(1)
          @Max(99)
          @JsonPropertyDescription(
              "The median confidence of the last hour so much below the last week's.")
          Integer confidenceDropPercent,
      @Default("90")
          @Min(1)
          @Max(3650)
          @JsonPropertyDescription("A model whose run ended longer ago than this.")
          Integer modelAgeDays) {

    Alerts orDefault() {
      return new Alerts(
          pendingPeriod == null ? DEFAULT_ALERTS.pendingPeriod : pendingPeriod,
          errorRatePercent == null ? DEFAULT_ALERTS.errorRatePercent : errorRatePercent,
          latencyP99Milliseconds == null
              ? DEFAULT_ALERTS.latencyP99Milliseconds
              : latencyP99Milliseconds,
          confidenceDropPercent == null
              ? DEFAULT_ALERTS.confidenceDropPercent
              : confidenceDropPercent,
          modelAgeDays == null ? DEFAULT_ALERTS.modelAgeDays : modelAgeDays);
    }
  }

  /** How many pods, by load. */
  @ValidationRule(
      value = "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
      fieldPath = ".minReplicas",
      message = "serving.autoscaling.minReplicas must not be more than maxReplicas")
  public record Autoscaling(
      @Default("1") @Min(1) @Max(100) @JsonPropertyDescription("At least so many pods.")
          Integer minReplicas,
      @Required @Min(1) @Max(100) @JsonPropertyDescription("At most so many pods.")
          Integer maxReplicas,
      @Default("80")
          @Min(1)
          @Max(1000)
          @JsonPropertyDescription(
              "The share of its CPU request that a pod should use, in percent.")
          Integer targetCPUUtilizationPercentage,
      @Min(1)
          @JsonPropertyDescription(
              "Requests a second for each pod, as the metric iris_api_requests_per_second tells; for clusters with a metrics adapter.")
          Integer targetRequestsPerSecond) {

    Autoscaling orDefault() {
      return new Autoscaling(
          minReplicas == null ? 1 : minReplicas,
          maxReplicas,
          targetCPUUtilizationPercentage == null ? 80 : targetCPUUtilizationPercentage,
          targetRequestsPerSecond);
    }
  }

  /** Who may ask. */
  public record Auth(
      @Required
          @Size(min = 1, max = 253)
          @JsonPropertyDescription(
              "A Secret with an entry for each client: the SHA-256 of its bearer token, in hexadecimal digits.")
          String tokensSecret) {}

  /** Encryption. */
  public record Tls(
      @Required
          @Size(min = 1, max = 253)
          @JsonPropertyDescription(
              "A Secret with tls.crt and tls.key, as cert-manager makes it; a new certificate is taken without a restart.")
          String secretName) {}

  /** Who may connect. */
  public record NetworkPolicy(
      @Size(max = 50)
          @JsonPropertyDescription(
              "Namespaces whose pods may ask for predictions, beside the IrisModel's own.")
          List<String> fromNamespaces) {}

  /** What to train on. */
  @ValidationRule(
      value =
          "(has(self.configMap) ? 1 : 0) + (has(self.persistentVolumeClaim) ? 1 : 0) + (has(self.url) ? 1 : 0) == 1",
      message =
          "set exactly one of training.data.configMap, training.data.persistentVolumeClaim and training.data.url")
  @ValidationRule(
      value = "!has(self.url) || self.url.matches('^https?://[^/]+/.*')",
      fieldPath = ".url",
      message = "training.data.url must be an https or http URL of a CSV or JSON file")
  @ValidationRule(
      value = "has(self.url) == has(self.digest)",
      fieldPath = ".digest",
      message =
          "training.data.digest must be set for training.data.url, and only for it: sha256: and the file's 64 hexadecimal digits")
  @ValidationRule(
      value = "!has(self.digest) || self.digest.matches('^sha256:[0-9a-f]{64}$')",
      fieldPath = ".digest",
      message = "training.data.digest must be sha256: and 64 hexadecimal digits")
  public record Data(
      @Size(min = 1, max = 253)
          @JsonPropertyDescription("A ConfigMap with the files iris_train.csv and iris_test.csv.")
          String configMap,
      @Size(min = 1, max = 253)
          @JsonPropertyDescription(
              "A PersistentVolumeClaim with the files iris_train.csv and iris_test.csv.")
          String persistentVolumeClaim,
      @Size(max = 2000)
          @JsonPropertyDescription(
              "Where the training rows are got; the test rows are those in the trainer's image.")
          String url,
      @Size(max = 100) @JsonPropertyDescription("The digest that the URL's file must have.")
          String digest) {}

  /** Where to register the model that comes of a training. */
  @ValidationRule(
      value =
          "!has(self.minimumAccuracy) || (self.minimumAccuracy >= 0.0 && self.minimumAccuracy <= 1.0)",
      fieldPath = ".minimumAccuracy",
      message = "training.registerAs.minimumAccuracy must be from 0 to 1")
  @ValidationRule(
      value =
          "!has(self.alias) || (self.alias.matches('^[A-Za-z0-9_-]+$') && !self.alias.matches('^([vV][0-9]+|latest)$'))",
      fieldPath = ".alias",
      message =
          "training.registerAs.alias must be letters, digits, _ and -, and neither latest nor a version such as v3: MLflow keeps those")
  public record RegisterAs(
      @Required @Size(min = 1, max = 200) @JsonPropertyDescription("The registered model's name.")
          String name,
      @Size(min = 1, max = 200)
          @JsonPropertyDescription("An alias to move to the new version, if it is good enough.")
          String alias,
      @JsonPropertyDescription(
              "With less on the test rows, from 0 to 1, the version is registered and the alias stays.")
          Double minimumAccuracy) {}
}
