package io.irisoperator.operator.runtime;

import io.irisoperator.config.LoggingConfigurator;

/** The operator's logging configuration. */
public final class OperatorLogging extends LoggingConfigurator {
  public OperatorLogging() {
    super("iris-operator");
  }
}
