package io.irisoperator.server;

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

/** The program. */
public final class Application {
  /** The version that {@code GET /} and the API's description tell; the same as the parent's. */
  public static final String VERSION = "0.1.0";

  private static final Logger LOG = LoggerFactory.getLogger(Application.class);

  /** For requests in flight when the server stops listening. */
  private static final Duration LAST_REQUESTS = Duration.ofSeconds(10);

  private Application() {}

  /** Serves until the process is told to end. */
  public static void main(String[] arguments) {
    // Not Micronaut.run: its shutdown hook would stop listening before anybody knows.
    EmbeddedServer server;
    try {
      server = start(ServerConfig.from(System.getenv()));
    } catch (IllegalArgumentException e) {
      LOG.error("{}", e.getMessage());
      System.exit(2);
      return;
    } catch (RuntimeException e) {
      LOG.error("the server cannot start", e);
      // Threads that have been started already would keep the process up.
      System.exit(1);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "shutdown"));
    LOG.info("listening on {}", server.getURI());
  }

  static EmbeddedServer start(ServerConfig config) {
    return ApplicationContext.builder(listeners(config))
        // All there is to be told is in the config.
        .deduceEnvironment(false)
        .environmentPropertySource(false)
        .banner(false)
        .singletons(config)
        .start()
        .getBean(EmbeddedServer.class)
        .start();
  }

  /** Where to listen, and how, in Micronaut's words. */
  private static Map<String, Object> listeners(ServerConfig config) {
    String listeners = "micronaut.server.netty.listeners.";
    Map<String, Object> properties = new HashMap<>();
    // 0 is the system's word for any free port, -1 Micronaut's.
    properties.put(listeners + "main.port", config.port() == 0 ? -1 : config.port());
    config
        .managementPort()
        .ifPresent(
            port -> {
              properties.put(listeners + "management.port", port);
              // Probes are answered while the server drains.
              properties.put(listeners + "management.support-graceful-shutdown", false);
            });
    config
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
              // A mounted Secret changes by a link above the files, which a watcher does not see.
              properties.put(certificate + "refresh-mode", "SCHEDULER");
              properties.put(certificate + "refresh-interval", "5s");
            });
    return properties;
  }

  /**
   * Not ready first, then time for that to be noticed, then the requests in flight, then the end.
   */
  private static void stop(EmbeddedServer server) {
    ApplicationContext context = server.getApplicationContext();
    Duration drain = context.getBean(ServerConfig.class).drain();
    LOG.info("not ready any more; listening for {} s more", drain.toSeconds());
    context.getBean(Health.class).drain();
    try {
      Thread.sleep(drain);
      context
          .getBean(GracefulShutdownManager.class)
          .shutdownGracefully()
          .toCompletableFuture()
          .get(LAST_REQUESTS.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.warn("some requests did not end within {} s", LAST_REQUESTS.toSeconds());
    } catch (ExecutionException e) {
      LOG.warn("shutdown was not graceful", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    LOG.info("stopped");
  }
}
