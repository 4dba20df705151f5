package io.irisoperator.trainer;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.irisoperator.config.LoggingConfigurator;

/** The trainer's log. */
public final class TrainerLogging extends LoggingConfigurator {
  public TrainerLogging() {
    super("iris-trainer");
  }

  @Override
  public ExecutionStatus configure(LoggerContext to) {
    // Smile logs one line per tree.
    to.getLogger("smile").setLevel(Level.INFO);
    return super.configure(to);
  }
}
