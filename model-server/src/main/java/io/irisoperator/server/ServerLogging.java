package io.irisoperator.server;

import io.irisoperator.config.LoggingConfigurator;

/** The server's logging configuration. */
public final class ServerLogging extends LoggingConfigurator {
  public ServerLogging() {
    super("iris-model-server");
  }
}
