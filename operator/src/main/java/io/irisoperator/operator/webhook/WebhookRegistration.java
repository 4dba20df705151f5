package io.irisoperator.operator.webhook;

import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the operator's own MLflow send its webhooks to this operator. */
public final class WebhookRegistration implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookRegistration.class);

  private static final Duration INTERVAL = Duration.ofMinutes(5);
  private static final Duration RETRY_INTERVAL = Duration.ofSeconds(20);

  private final Registrar mlflow;
  private final String name;
  private final URI url;
  private final String secret;
  private final Clock clock;
  private Instant next = Instant.EPOCH;
  private String reported = "";

  /** Registers a webhook at MLflow, or changes the one of this name. */
  @FunctionalInterface
  public interface Registrar {
    void register(String name, URI url, String secret) throws MlflowException;
  }

  /**
   * A registration that {@link #run} makes.
   *
   * @param name of the webhook, by which this operator knows its own
   */
  public WebhookRegistration(Registrar mlflow, String name, URI url, String secret, Clock clock) {
    this.mlflow = mlflow;
    this.name = name;
    this.url = url;
    this.secret = secret;
    this.clock = clock;
  }

  /** To be called every few seconds. An MLflow that has lost the webhook gets it again. */
  @Override
  public void run() {
    if (clock.instant().isBefore(next)) {
      return;
    }
    String outcome;
    try {
      mlflow.register(name, url, secret);
      next = clock.instant().plus(INTERVAL);
      outcome = "registered, and sends to " + url;
    } catch (MlflowException e) {
      boolean old = e.reason() == Reason.NO_ENDPOINT;
      next = clock.instant().plus(old ? INTERVAL : RETRY_INTERVAL);
      outcome =
          "not registered: "
              + (old ? "MLflow has webhooks from version 3.3 on; it is polled" : e.getMessage());
    }
    if (!outcome.equals(reported)) {
      LOG.info("MLflow's webhook {} is {}", name, outcome);
    }
    reported = outcome;
  }
}
