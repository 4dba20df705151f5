package io.irisoperator.server;

import io.irisoperator.server.health.Health;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.graceful.GracefulShutdownManager;
import io.micronaut.runtime.server.EmbeddedServer;
import io.swagger.v3.oas.annotations.OpenAPIDefinition;
import io.swagger.v3.oas.annotations.info.Info;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program. */
@OpenAPIDefinition(
    info =
        @Info(
            title = "Iris Classifier API",
            version = Application.VERSION,
            description = "Predicts the species of an iris from four lengths in cm."))
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
    // 0 is the system's word for any free port, -1 Micronaut's.
    Map<String, Object> port =
        Map.of("micronaut.server.port", config.port() == 0 ? -1 : config.port());
    return ApplicationContext.builder(port)
        .singletons(config)
        .start()
        .getBean(EmbeddedServer.class)
        .start();
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
