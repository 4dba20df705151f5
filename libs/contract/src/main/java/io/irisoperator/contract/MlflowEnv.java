package io.irisoperator.contract;

/** The environment variables that name what a program reaches MLflow with. */
public final class MlflowEnv {
  /** A folder with the files {@code username} and {@code password}, or {@code token}. */
  public static final String CREDENTIALS_FOLDER = "MLFLOW_CREDENTIALS_FOLDER";

  /** A folder with certificates in PEM format. */
  public static final String CA_BUNDLE_FOLDER = "MLFLOW_CA_BUNDLE_FOLDER";

  private MlflowEnv() {}
}
