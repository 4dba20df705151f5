package io.irisoperator.operator.observe;

import io.irisoperator.mlflow.Credentials;
import io.irisoperator.mlflow.MlflowCallListener;
import io.irisoperator.mlflow.MlflowClient;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** One client for each MLflow server that resources name. */
public final class MlflowClients implements AutoCloseable {
  private final Duration timeout;
  private final Function<URI, Optional<Credentials>> credentials;
  private final Function<URI, MlflowCallListener> calls;
  private final Map<URI, MlflowClient> clients = new ConcurrentHashMap<>();

  /**
   * Clients.
   *
   * @param timeout for each answer
   * @param credentials for a server, where there are any
   * @param calls is told of every call to a server
   */
  public MlflowClients(
      Duration timeout,
      Function<URI, Optional<Credentials>> credentials,
      Function<URI, MlflowCallListener> calls) {
    this.timeout = timeout;
    this.credentials = credentials;
    this.calls = calls;
  }

  MlflowClient of(URI trackingUri) {
    return clients.computeIfAbsent(
        trackingUri,
        uri -> new MlflowClient(uri, timeout, credentials.apply(uri), calls.apply(uri)));
  }

  @Override
  public void close() {
    clients.values().forEach(MlflowClient::close);
  }
}
