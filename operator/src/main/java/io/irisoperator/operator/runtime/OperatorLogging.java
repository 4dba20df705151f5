package io.irisoperator.operator.runtime;

import io.irisoperator.config.LoggingConfigurator;

/** How the operator logs. */
public final class OperatorLogging extends LoggingConfigurator {
  public OperatorLogging() {
    super("iris-operator");
  }
}
