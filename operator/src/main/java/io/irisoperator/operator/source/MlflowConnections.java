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

/** One client for each connection that resources ask for. Thread-safe. */
public final class MlflowConnections implements AutoCloseable {
  /** Longer than a download waits and takes: credentials that were replaced are not used again. */
  private static final Duration UNUSED = Duration.ofHours(1);

  private final Own own;
  private final MlflowSecrets secrets;
  private final Connector connector;
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

  /** Creates the client of a connection. */
  @FunctionalInterface
  public interface Connector {
    /**
     * Connects; nothing is called yet.
     *
     * @param asOperator whether the connection is the operator's own, and no resource's
     */
    MlflowClient connect(Connection connection, boolean asOperator);
  }

  public MlflowConnections(Own own, MlflowSecrets secrets, Connector connector) {
    this.own = own;
    this.secrets = secrets;
    this.connector = connector;
  }

  /**
   * The client for the operator's own server.
   *
   * @throws MlflowException if its credentials or its certificates cannot be read
   */
  public MlflowClient own() throws MlflowException {
    return clients.get(own.access().to(own.apiUri()), c -> connector.connect(c, true));
  }

  /**
   * The client for a server.
   *
   * @throws MlflowException if its credentials or its certificates cannot be read
   */
  MlflowClient client(MlflowServer server) throws MlflowException {
    boolean isOwn = server.trackingUri().equals(own.trackingUri());
    boolean asOperator =
        isOwn && server.credentialsSecret().isEmpty() && server.caBundleConfigMap().isEmpty();
    return clients.get(connection(server, isOwn), c -> connector.connect(c, asOperator));
  }

  private Connection connection(MlflowServer server, boolean isOwn) throws MlflowException {
    Connection known = isOwn ? own.access().to(own.apiUri()) : Connection.to(server.trackingUri());
    Optional<Credentials> credentials = known.credentials();
    if (server.credentialsSecret().isPresent()) {
      credentials =
          Optional.of(secrets.credentials(server.namespace(), server.credentialsSecret().get()));
    } else if (server.caBundleConfigMap().isPresent()) {
      // Whom a resource trusts gets its credentials, not the operator's.
      credentials = Optional.empty();
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
