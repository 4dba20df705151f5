package io.irisoperator.contract;

/** The ports of a model server's container: their names in the pod and their numbers. */
public final class ModelServerPorts {
  /** Predictions in plain text. */
  public static final String HTTP = "http";

  /** Predictions over TLS. */
  public static final String HTTPS = "https";

  /** Probes and metrics, if the port of predictions is restricted. */
  public static final String MANAGEMENT = "management";

  /** The number of the port of predictions, with or without TLS. */
  public static final int PORT = 8080;

  /** The number of the management port. */
  public static final int MANAGEMENT_PORT = 8081;

  private ModelServerPorts() {}
}
