package io.irisoperator.operator.source;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.irisoperator.mlflow.CaBundle;
import io.irisoperator.mlflow.Connection;
import io.irisoperator.mlflow.Credentials;
import io.irisoperator.mlflow.MlflowAccess;
import io.irisoperator.mlflow.MlflowClient;
import io.irisoperator.mlflow.MlflowException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** One client for each connection that resources ask for. Thread-safe. */
public final class MlflowConnections implements AutoCloseable {
  /** Longer than any call: credentials that were replaced are not asked for again. */
  private static final Duration UNUSED = Duration.ofMinutes(10);

  private final Own own;
  private final MlflowSecrets secrets;
  private final Function<Connection, MlflowClient> connect;
  private final Cache<Connection, MlflowClient> clients =
      Caffeine.newBuilder()
          .expireAfterAccess(UNUSED)
          .removalListener((Connection _, MlflowClient client, RemovalCause _) -> client.close())
          .build();

  /**
   * The operator's own server. What it is reached with is not sent to any other.
   *
   * @param trackingUri as pods reach it
   * @param apiUri as the operator reaches it
   */
  public record Own(URI trackingUri, URI apiUri, MlflowAccess access) {}

  /**
   * Connections.
   *
   * @param connect creates the client of a connection
   */
  public MlflowConnections(
      Own own, MlflowSecrets secrets, Function<Connection, MlflowClient> connect) {
    this.own = own;
    this.secrets = secrets;
    this.connect = connect;
  }

  /**
   * The client for a server.
   *
   * @throws MlflowException if its credentials or its certificates cannot be read
   */
  MlflowClient client(MlflowServer server) throws MlflowException {
    return clients.get(connection(server), connect);
  }

  private Connection connection(MlflowServer server) throws MlflowException {
    Connection known =
        server.trackingUri().equals(own.trackingUri())
            ? own.access().to(own.apiUri())
            : Connection.to(server.trackingUri());
    Optional<Credentials> credentials = known.credentials();
    if (server.credentialsSecret().isPresent()) {
      credentials =
          Optional.of(secrets.credentials(server.namespace(), server.credentialsSecret().get()));
    }
    Optional<CaBundle> caBundle = known.caBundle();
    if (server.caBundleConfigMap().isPresent()) {
      caBundle =
          Optional.of(secrets.caBundle(server.namespace(), server.caBundleConfigMap().get()));
    }
    return new Connection(known.trackingUri(), credentials, caBundle);
  }

  @Override
  public void close() {
    clients.invalidateAll();
    clients.cleanUp();
  }
}
