package io.irisoperator.trainer;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.irisoperator.config.LoggingConfigurator;

/** How the trainer logs. */
public final class TrainerLogging extends LoggingConfigurator {
  public TrainerLogging() {
    super("iris-trainer");
  }

  @Override
  public ExecutionStatus configure(LoggerContext to) {
    // Smile's are one line a tree.
    to.getLogger("smile").setLevel(Level.INFO);
    return super.configure(to);
  }
}
