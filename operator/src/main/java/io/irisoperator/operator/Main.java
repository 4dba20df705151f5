package io.irisoperator.operator;

import static io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.irisoperator.operator.event.EventRecorder;
import io.irisoperator.operator.metrics.OperatorMetrics;
import io.irisoperator.operator.observe.MlflowClients;
import io.irisoperator.operator.observe.ModelSource;
import io.irisoperator.operator.observe.Observer;
import io.irisoperator.operator.observe.ServingPods;
import io.irisoperator.operator.runtime.ApiServerContact;
import io.irisoperator.operator.runtime.HealthServer;
import io.irisoperator.operator.runtime.LeaderLease;
import io.irisoperator.operator.runtime.OperatorConfig;
import io.irisoperator.operator.runtime.Terms;
import io.irisoperator.operator.store.ModelStore;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);
  private static final Duration MLFLOW_TIMEOUT = Duration.ofSeconds(3);

  private Main() {}

  /** Reconciles until the process is told to end. */
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
    KubernetesClient client = client();
    OperatorMetrics metrics = new OperatorMetrics();
    MlflowClients mlflow =
        new MlflowClients(
            MLFLOW_TIMEOUT,
            uri -> config.credentials().filter(c -> uri.equals(config.trackingUri())),
            uri -> metrics.mlflowCalls(uri.equals(config.trackingUri())));
    ModelStore store = new ModelStore(client);
    ServingPods pods = new ServingPods(client);
    Terms terms = new Terms();
    ApiServerContact contact = new ApiServerContact(terms::isHealthy, clock);
    IrisModelReconciler reconciler =
        new IrisModelReconciler(
            new Observer(
                new ModelSource(mlflow, clock),
                store,
                pods,
                client,
                config.trackingUri(),
                config.defaults().trainer().isPresent(),
                contact::steadyFrom,
                clock),
            store,
            config.defaults(),
            new EventRecorder(client, config.pod(), clock, metrics),
            metrics,
            config.pollInterval());
    ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
    var _ = looking.scheduleWithFixedDelay(contact::look, 0, 1, TimeUnit.SECONDS);
    HealthServer health =
        new HealthServer(
            config.port(),
            // One that cannot start for want of an API server tries again by itself.
            () -> !terms.isStarted() || contact.isAlive(),
            terms::isStarted,
            metrics.registry()::scrape);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  terms.end();
                  looking.shutdownNow();
                  if (config.leaderElection()) {
                    new LeaderLease(client, config.namespace()).release(config.pod());
                  }
                  health.close();
                  mlflow.close();
                  pods.close();
                  client.close();
                },
                "shutdown"));
    LOG.info("watching {}", config.namespaces().isEmpty() ? "all namespaces" : config.namespaces());
    terms.serve(lost -> operator(config, metrics, reconciler, lost));
  }

  /**
   * A fresh one.
   *
   * @param lost is told when another leads, or the API server could not be asked who does
   */
  private static Operator operator(
      OperatorConfig config,
      OperatorMetrics metrics,
      IrisModelReconciler reconciler,
      Runnable lost) {
    metrics.beginAnew();
    KubernetesClient client = client();
    Operator operator =
        new Operator(overrider -> configure(overrider, client, config, metrics, lost));
    operator.register(
        reconciler,
        controller -> {
          if (!config.namespaces().isEmpty()) {
            controller.settingNamespaces(config.namespaces());
          }
        });
    return operator;
  }

  private static void configure(
      ConfigurationServiceOverrider overrider,
      KubernetesClient client,
      OperatorConfig config,
      OperatorMetrics metrics,
      Runnable lost) {
    overrider
        .withKubernetesClient(client)
        // Server-side apply for every kind; the SDK leaves ConfigMaps out by default.
        .withDefaultNonSSAResource(Set.of())
        .withPreviousAnnotationForDependentResources(false)
        .withReconciliationTerminationTimeout(Duration.ofSeconds(10))
        .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(metrics.registry()));
    if (config.leaderElection()) {
      overrider.withLeaderElectionConfiguration(
          aLeaderElectionConfiguration(LeaderLease.NAME)
              .withLeaseNamespace(config.namespace())
              .withIdentity(config.pod())
              .withExitOnStopLeading(false)
              .withLeaderCallbacks(
                  new LeaderCallbacks(
                      () -> LOG.info("leading"), lost, leader -> LOG.info("{} leads", leader)))
              .build());
    }
  }

  /** Reads resources that a newer CRD has let in, rather than stopping at them. */
  private static KubernetesClient client() {
    ObjectMapper mapper =
        new ObjectMapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL);
    return new KubernetesClientBuilder()
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .build();
  }
}
