package io.irisoperator.mlflow;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A user of an MLflow server with basic authentication.
 *
 * @see <a href="https://mlflow.org/docs/latest/self-hosting/security/basic-http-auth/">MLflow's
 *     basic authentication</a>
 */
public record Credentials(String username, String password) {

  /** The value of the Authorization header. */
  String header() {
    byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /** Never the password: records end up in logs. */
  @Override
  public String toString() {
    return "Credentials[username=" + username + "]";
  }
}
