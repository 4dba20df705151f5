package io.irisoperator.operator.source;

import io.irisoperator.mlflow.MlflowClient;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** One client for each MLflow server that resources name. */
public final class MlflowConnections implements AutoCloseable {
  private final Function<URI, MlflowClient> connect;
  private final Map<URI, MlflowClient> clients = new ConcurrentHashMap<>();

  /**
   * Connections.
   *
   * @param connect creates the client for a tracking URI
   */
  public MlflowConnections(Function<URI, MlflowClient> connect) {
    this.connect = connect;
  }

  MlflowClient of(URI trackingUri) {
    return clients.computeIfAbsent(trackingUri, connect);
  }

  @Override
  public void close() {
    clients.values().forEach(MlflowClient::close);
  }
}
