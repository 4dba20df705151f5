package io.irisoperator.operator.webhook;

import io.irisoperator.mlflow.MlflowException;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.net.URI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the operator's own MLflow send its webhooks to this operator. */
public final class WebhookRegistration implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookRegistration.class);

  private final Registrar mlflow;
  private final String name;
  private final URI url;
  private final String secret;
  private boolean ended;
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
  public WebhookRegistration(Registrar mlflow, String name, URI url, String secret) {
    this.mlflow = mlflow;
    this.name = name;
    this.url = url;
    this.secret = secret;
  }

  /** To be called until MLflow can be reached. */
  @Override
  public void run() {
    if (ended) {
      return;
    }
    try {
      mlflow.register(name, url, secret);
      LOG.info("MLflow's webhook {} sends to {}", name, url);
      ended = true;
    } catch (MlflowException e) {
      ended = e.reason() == Reason.NOT_FOUND;
      String problem =
          ended ? "MLflow has no webhooks before version 3.3; it is polled" : e.getMessage();
      if (!problem.equals(reported)) {
        LOG.warn("webhook {} is not registered: {}", name, problem);
      }
      reported = problem;
    }
  }
}
