package io.irisoperator.mlflow;

import io.irisoperator.config.Environment;
import io.irisoperator.config.Setting;
import io.irisoperator.contract.MlflowEnv;
import io.irisoperator.mlflow.MlflowException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Optional;

/**
 * What a program reaches its MLflow server with, from its environment. Folders are those of a
 * mounted Secret and a mounted ConfigMap, and are read for each connection, so that new values need
 * no restart.
 *
 * @param credentials from the variables that MLflow's own clients read
 * @param credentialsFolder takes their place
 */
public record MlflowAccess(
    Optional<Credentials> credentials,
    Optional<Path> credentialsFolder,
    Optional<Path> caBundleFolder) {

  private static final Setting USERNAME =
      Setting.optional("MLFLOW_TRACKING_USERNAME", "for an MLflow with basic authentication");
  private static final Setting PASSWORD =
      Setting.optional("MLFLOW_TRACKING_PASSWORD", "the user's password");
  private static final Setting TOKEN =
      Setting.optional("MLFLOW_TRACKING_TOKEN", "a bearer token, for an MLflow that wants one");
  private static final Setting CREDENTIALS_FOLDER =
      Setting.optional(
          MlflowEnv.CREDENTIALS_FOLDER,
          "a folder with the files `username` and `password`, or `token`, which may change; instead of the variables");
  private static final Setting CA_BUNDLE_FOLDER =
      Setting.optional(
          MlflowEnv.CA_BUNDLE_FOLDER,
          "a folder with the certificates of MLflow's authority, in PEM format, which may change");

  /** All settings, for the documentation. */
  public static final List<Setting> SETTINGS =
      List.of(USERNAME, PASSWORD, TOKEN, CREDENTIALS_FOLDER, CA_BUNDLE_FOLDER);

  /** Reads the environment. */
  public static MlflowAccess from(Environment env) {
    Optional<Credentials> user =
        env.optional(USERNAME).map(name -> new Credentials.User(name, env.text(PASSWORD)));
    return new MlflowAccess(
        user.or(() -> env.optional(TOKEN).map(Credentials.Token::new)),
        env.optional(CREDENTIALS_FOLDER).map(Path::of),
        env.optional(CA_BUNDLE_FOLDER).map(Path::of));
  }

  /**
   * The connection, as the folders are now.
   *
   * @throws MlflowException if a folder cannot be used
   */
  public Connection to(URI trackingUri) throws MlflowException {
    return new Connection(trackingUri, currentCredentials(), currentCaBundle());
  }

  private Optional<Credentials> currentCredentials() throws MlflowException {
    if (credentialsFolder.isEmpty()) {
      return credentials;
    }
    try {
      return Credentials.read(credentialsFolder.get());
    } catch (IOException | IllegalArgumentException e) {
      throw new MlflowException(
          Reason.UNAUTHORIZED,
          "cannot use the credentials in %s: %s".formatted(credentialsFolder.get(), e.getMessage()),
          e);
    }
  }

  private Optional<CaBundle> currentCaBundle() throws MlflowException {
    if (caBundleFolder.isEmpty()) {
      return Optional.empty();
    }
    try {
      return CaBundle.read(caBundleFolder.get());
    } catch (IOException | CertificateException e) {
      throw new MlflowException(
          Reason.UNTRUSTED,
          "cannot read the certificates in %s: %s".formatted(caBundleFolder.get(), e.getMessage()),
          e);
    }
  }
}
