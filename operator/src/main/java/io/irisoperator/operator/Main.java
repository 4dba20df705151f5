package io.irisoperator.operator;

import static io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.operator.informer.CachedObjects;
import io.irisoperator.operator.informer.LeanClient;
import io.irisoperator.operator.monitoring.AlertRules;
import io.irisoperator.operator.observe.Observer;
import io.irisoperator.operator.observe.PodObserver;
import io.irisoperator.operator.observe.TrainingObserver;
import io.irisoperator.operator.observe.WatchedPods;
import io.irisoperator.operator.runtime.AlertCollector;
import io.irisoperator.operator.runtime.ApiServerMonitor;
import io.irisoperator.operator.runtime.CrdMonitor;
import io.irisoperator.operator.runtime.EventRecorder;
import io.irisoperator.operator.runtime.HealthServer;
import io.irisoperator.operator.runtime.HeapGrowth;
import io.irisoperator.operator.runtime.LeaderLease;
import io.irisoperator.operator.runtime.LeadershipLoop;
import io.irisoperator.operator.runtime.OperatorConfig;
import io.irisoperator.operator.runtime.OperatorConfig.Webhook;
import io.irisoperator.operator.runtime.OperatorMetrics;
import io.irisoperator.operator.runtime.PrometheusRules;
import io.irisoperator.operator.runtime.TerminatingNamespaces;
import io.irisoperator.operator.source.MlflowConnections;
import io.irisoperator.operator.source.MlflowSecrets;
import io.irisoperator.operator.source.ModelResolver;
import io.irisoperator.operator.source.SourcePoller;
import io.irisoperator.operator.source.TrainingRuns;
import io.irisoperator.operator.store.ModelStore;
import io.irisoperator.operator.webhook.MlflowWebhooks;
import io.irisoperator.operator.webhook.WebhookRegistration;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The operator's process. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final Duration MLFLOW_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration ALERTS_INTERVAL = Duration.ofSeconds(5);

  private Main() {}

  /** Reconciles until the process is stopped. */
  public static void main(String[] arguments) throws IOException {
    OperatorConfig config;
    try {
      config = OperatorConfig.from(System.getenv());
    } catch (IllegalArgumentException e) {
      LOG.error("{}", e.getMessage());
      System.exit(2);
      return;
    }
    Clock clock = Clock.systemUTC();
    KubernetesClient client = client(reading());
    OperatorMetrics metrics = new OperatorMetrics();
    MlflowConnections mlflow =
        new MlflowConnections(
            new MlflowConnections.Own(config.trackingUri(), config.apiUri(), config.access()),
            new MlflowSecrets(client, config.retryInterval(), clock),
            (connection, asOperator) ->
                new MlflowClient(
                    connection,
                    MLFLOW_TIMEOUT,
                    config.defaults().proxies(),
                    metrics.mlflowListener(asOperator)));
    KubernetesClient informerClient = LeanClient.of(client);
    ModelStore store = new ModelStore(client, informerClient, config.selector().isPresent(), clock);
    WatchedPods watchedPods = new WatchedPods(informerClient);
    PodObserver pods = new PodObserver(watchedPods);
    ModelResolver resolver = new ModelResolver(mlflow, clock);
    SourcePoller poller = new SourcePoller(resolver, config.pollInterval(), config.retryInterval());
    CrdMonitor crds = new CrdMonitor(() -> isInstalled(client, ServiceMonitor.class));
    LeadershipLoop loop = new LeadershipLoop();
    ApiServerMonitor apiServer = new ApiServerMonitor(loop::isHealthy, clock);
    IrisModelReconciler reconciler =
        new IrisModelReconciler(
            new Observer(
                poller,
                resolver,
                store,
                pods,
                new TrainingObserver(
                    new TrainingRuns(mlflow), client, config.defaults().trainer().isPresent()),
                config.trackingUri(),
                apiServer::rolloutsPausedUntil,
                clock),
            store,
            watchedPods,
            poller,
            crds,
            config.defaults(),
            new EventRecorder(client, config.pod(), clock, metrics),
            metrics,
            new TerminatingNamespaces(clock),
            config.retryInterval());
    AlertRules rules =
        new AlertRules(
            config.namespace(),
            config.defaults().monitoringLabels(),
            config.defaults().runbookUrl());
    metrics
        .registry()
        .getPrometheusRegistry()
        .register(new AlertCollector(rules, metrics::watched, loop::isHealthy));
    // Apart from the checks, which a slow API server must not delay.
    ScheduledExecutorService alerts = Executors.newSingleThreadScheduledExecutor();
    var _ =
        alerts.scheduleWithFixedDelay(
            new PrometheusRules(
                client,
                rules,
                config.namespaces(),
                metrics::watched,
                loop::isLeading,
                loop::isHealthy,
                clock),
            0,
            ALERTS_INTERVAL.toSeconds(),
            TimeUnit.SECONDS);
    ScheduledExecutorService checks = Executors.newScheduledThreadPool(3);
    var _ = checks.scheduleWithFixedDelay(apiServer::check, 0, 1, TimeUnit.SECONDS);
    var _ =
        checks.scheduleWithFixedDelay(
            () -> whileWatching(loop, List.of(store::deleteUnused, poller::forgetDeleted)),
            5,
            5,
            TimeUnit.SECONDS);
    var _ =
        checks.scheduleWithFixedDelay(
            () -> whileWatching(loop, List.of(crds::check)), 10, 10, TimeUnit.SECONDS);
    oldGeneration()
        .ifPresent(
            pool -> {
              var _ =
                  checks.scheduleWithFixedDelay(
                      new HeapGrowth(pool, System::gc), 2, 2, TimeUnit.SECONDS);
            });
    HealthServer health =
        new HealthServer(
            config.port(),
            // An operator that cannot start because the API server is unavailable retries by
            // itself.
            () -> !loop.isStarted() || apiServer.isAlive(),
            loop::isStarted,
            metrics.registry()::scrape);
    if (config.webhook().isPresent()) {
      Webhook webhook = config.webhook().get();
      health.add(
          MlflowWebhooks.PATH,
          new MlflowWebhooks(
              webhook.secret(), clock, loop::isLeading, poller::askAgainAbout, metrics::webhook));
      List<Runnable> registration = registration(webhook, config.namespace(), mlflow, clock);
      var _ =
          checks.scheduleWithFixedDelay(
              () -> whileWatching(loop, registration), 0, 10, TimeUnit.SECONDS);
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  loop.stop();
                  alerts.shutdownNow();
                  checks.shutdownNow();
                  if (config.leaderElection()) {
                    new LeaderLease(client, config.namespace()).release(config.pod());
                  }
                  health.close();
                  poller.close();
                  mlflow.close();
                  pods.close();
                  informerClient.close();
                  client.close();
                },
                "shutdown"));
    LOG.info("watching {}", config.namespaces().isEmpty() ? "all namespaces" : config.namespaces());
    loop.run((onLeading, onLost) -> operator(config, metrics, reconciler, onLeading, onLost));
  }

  /** That of the serial collector, which the image selects. */
  private static Optional<MemoryPoolMXBean> oldGeneration() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getName().equals("Tenured Gen"))
        .findFirst();
  }

  /** Empty if somebody else tells MLflow where to send its webhooks. */
  private static List<Runnable> registration(
      Webhook webhook, String namespace, MlflowConnections mlflow, Clock clock) {
    return webhook.url().stream()
        .<Runnable>map(
            url ->
                new WebhookRegistration(
                    // Asked each time: its credentials may change.
                    (name, to, secret) -> mlflow.own().registerWebhook(name, to, secret),
                    "iris-operator." + namespace,
                    url,
                    webhook.secret(),
                    clock))
        .toList();
  }

  /** Runs chores while this operator leads. An exception would end their schedule. */
  private static void whileWatching(LeadershipLoop loop, List<Runnable> chores) {
    try {
      if (loop.isLeading() && loop.isHealthy()) {
        chores.forEach(Runnable::run);
      }
    } catch (RuntimeException e) {
      LOG.warn("a chore failed, and is tried again", e);
    }
  }

  private static boolean isInstalled(KubernetesClient client, Class<? extends HasMetadata> kind) {
    return client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName(HasMetadata.getFullResourceName(kind))
            .get()
        != null;
  }

  /**
   * A new operator of the SDK.
   *
   * @param onLeading is called when it leads
   * @param onLost is called when another operator leads, or the lease could not be renewed
   */
  private static Operator operator(
      OperatorConfig config,
      OperatorMetrics metrics,
      IrisModelReconciler reconciler,
      Runnable onLeading,
      Runnable onLost) {
    metrics.resetControllerGauges();
    ObjectMapper reading = reading();
    CachedObjects.configure(reading);
    KubernetesClient client = client(reading);
    Operator operator =
        new Operator(overrider -> configure(overrider, client, config, metrics, onLeading, onLost));
    operator.register(
        reconciler,
        controller -> {
          if (!config.namespaces().isEmpty()) {
            controller.settingNamespaces(config.namespaces());
          }
          config.selector().ifPresent(controller::withLabelSelector);
        });
    return operator;
  }

  private static void configure(
      ConfigurationServiceOverrider overrider,
      KubernetesClient client,
      OperatorConfig config,
      OperatorMetrics metrics,
      Runnable onLeading,
      Runnable onLost) {
    overrider
        .withKubernetesClient(client)
        // Server-side apply for every kind; by default the SDK excludes ConfigMaps.
        .withDefaultNonSSAResource(Set.of())
        .withPreviousAnnotationForDependentResources(false)
        .withReconciliationTerminationTimeout(Duration.ofSeconds(10))
        .withConcurrentReconciliationThreads(config.reconcilerThreads())
        .withConcurrentWorkflowExecutorThreads(config.reconcilerThreads())
        .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(metrics.registry()));
    if (config.leaderElection()) {
      overrider.withLeaderElectionConfiguration(
          aLeaderElectionConfiguration(LeaderLease.NAME)
              .withLeaseNamespace(config.namespace())
              .withIdentity(config.pod())
              .withExitOnStopLeading(false)
              .withLeaderCallbacks(
                  new LeaderCallbacks(
                      () -> {
                        LOG.info("leading");
                        onLeading.run();
                      },
                      onLost,
                      leader -> LOG.info("{} leads", leader)))
              .build());
    } else {
      onLeading.run();
    }
  }

  /** Reads resources of a newer CRD, too, instead of failing at unknown fields. */
  private static ObjectMapper reading() {
    return new ObjectMapper()
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
  }

  /** The proxies are for MLflow: the API server is reached directly. */
  private static KubernetesClient client(ObjectMapper mapper) {
    Config direct = Config.autoConfigure(null);
    direct.setHttpProxy(null);
    direct.setHttpsProxy(null);
    return new KubernetesClientBuilder()
        .withConfig(direct)
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .build();
  }
}
