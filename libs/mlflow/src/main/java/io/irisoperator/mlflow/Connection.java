package io.irisoperator.mlflow;

import java.net.URI;
import java.util.Optional;

/**
 * How an MLflow server is reached.
 *
 * @param trackingUri http or https; what follows the host is a prefix of every path
 * @param credentials for a server that requires authentication
 * @param caBundle the authorities of an https server, if they are not those of the JDK
 */
public record Connection(
    URI trackingUri, Optional<Credentials> credentials, Optional<CaBundle> caBundle) {

  /** A server that requires no authentication. */
  public static Connection to(URI trackingUri) {
    return new Connection(trackingUri, Optional.empty(), Optional.empty());
  }
}
