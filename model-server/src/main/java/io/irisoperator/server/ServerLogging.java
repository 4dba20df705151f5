package io.irisoperator.server;

import io.irisoperator.config.LoggingConfigurator;

/** How the server logs. */
public final class ServerLogging extends LoggingConfigurator {
  public ServerLogging() {
    super("iris-model-server");
  }
}
