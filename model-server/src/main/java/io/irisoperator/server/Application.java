package io.irisoperator.server;

import io.irisoperator.server.ServerConfig.Listener;
import io.irisoperator.server.health.Health;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.graceful.GracefulShutdownManager;
import io.micronaut.runtime.server.EmbeddedServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program's entry point. */
public final class Application {
  /** The version that {@code GET /} and the OpenAPI document report; equal to the POM's. */
  public static final String VERSION = "0.1.0";

  private static final Logger LOG = LoggerFactory.getLogger(Application.class);

  /** How long requests in flight may take after the server stops listening. */
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(10);

  private Application() {}

  /** Serves until the process is terminated. */
  public static void main(String[] arguments) {
    // Not Micronaut.run: its shutdown hook stops listening before clients can see that the server
    // is not ready.
    EmbeddedServer server;
    try {
      server = start(ServerConfig.from(System.getenv()));
    } catch (IllegalArgumentException e) {
      LOG.error("{}", e.getMessage());
      System.exit(2);
      return;
    } catch (RuntimeException e) {
      LOG.error("cannot start the server", e);
      // Threads that are already running would keep the process alive.
      System.exit(1);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "shutdown"));
    LOG.info("listening on {}", server.getURI());
  }

  static EmbeddedServer start(ServerConfig config) {
    return ApplicationContext.builder(listeners(config))
        // ServerConfig is the only configuration.
        .deduceEnvironment(false)
        .environmentPropertySource(false)
        .banner(false)
        .singletons(config)
        .start()
        .getBean(EmbeddedServer.class)
        .start();
  }

  /** The listeners, as Micronaut's properties. */
  private static Map<String, Object> listeners(ServerConfig config) {
    Listener listener = config.listener();
    String listeners = "micronaut.server.netty.listeners.";
    Map<String, Object> properties = new HashMap<>();
    // The operating system calls any free port 0, Micronaut calls it -1.
    properties.put(listeners + "main.port", listener.port() == 0 ? -1 : listener.port());
    listener
        .managementPort()
        .ifPresent(
            port -> {
              properties.put(listeners + "management.port", port);
              // Probes get responses while the server drains.
              properties.put(listeners + "management.support-graceful-shutdown", false);
            });
    listener
        .tls()
        .ifPresent(
            folder -> {
              String certificate = "micronaut.certificate.file.served.";
              properties.put("micronaut.server.ssl.enabled", true);
              properties.put(listeners + "main.ssl", true);
              properties.put(listeners + "main.key-name", "served");
              properties.put(certificate + "path", folder.resolve("tls.key").toString());
              properties.put(
                  certificate + "certificate-path", folder.resolve("tls.crt").toString());
              properties.put(certificate + "format", "PEM");
              // A mounted Secret changes by a symbolic link above the files, which a file watcher
              // misses.
              properties.put(certificate + "refresh-mode", "SCHEDULER");
              properties.put(certificate + "refresh-interval", "5s");
            });
    return properties;
  }

  /**
   * Stops in the order that loses no request: report not ready, wait until clients notice, stop
   * listening, finish the requests in flight.
   */
  private static void stop(EmbeddedServer server) {
    ApplicationContext context = server.getApplicationContext();
    Duration drain = context.getBean(ServerConfig.class).drain();
    LOG.info("shutting down: not ready, still listening for {} s", drain.toSeconds());
    context.getBean(Health.class).drain();
    try {
      Thread.sleep(drain);
      context
          .getBean(GracefulShutdownManager.class)
          .shutdownGracefully()
          .toCompletableFuture()
          .get(SHUTDOWN_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("some requests did not finish within {} s", SHUTDOWN_TIMEOUT.toSeconds());
    } catch (ExecutionException e) {
      LOG.warn("graceful shutdown failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    LOG.info("stopped");
  }
}
