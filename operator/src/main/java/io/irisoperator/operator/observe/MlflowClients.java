package io.irisoperator.operator.observe;

import io.irisoperator.mlflow.MlflowClient;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One client for each MLflow server that resources name. */
public final class MlflowClients implements AutoCloseable {
  private final Duration timeout;
  private final Map<URI, MlflowClient> clients = new ConcurrentHashMap<>();

  public MlflowClients(Duration timeout) {
    this.timeout = timeout;
  }

  MlflowClient of(URI trackingUri) {
    return clients.computeIfAbsent(trackingUri, uri -> new MlflowClient(uri, timeout));
  }

  @Override
  public void close() {
    clients.values().forEach(MlflowClient::close);
  }
}
