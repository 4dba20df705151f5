package io.irisoperator.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import co.elastic.logging.logback.EcsEncoder;
import java.util.Map;

/**
 * Configures a program's log: to standard output, in the format and with the level that its
 * environment sets. Logback finds a program's subclass in {@code META-INF/services}. An XML file
 * would load a parser with its 400 classes at every start.
 */
public abstract class LoggingConfigurator extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%replace( {%mdc}){' \\{\\}', ''}%n";

  private final String service;
  private final Environment environment;

  /**
   * Reads the environment of the process.
   *
   * @param service the program's name in lines of JSON
   */
  protected LoggingConfigurator(String service) {
    this(service, System.getenv());
  }

  LoggingConfigurator(String service, Map<String, String> variables) {
    this.service = service;
    this.environment = new Environment(variables);
  }

  @Override
  public ExecutionStatus configure(LoggerContext to) {
    ConsoleAppender<ILoggingEvent> stdout = new ConsoleAppender<>();
    stdout.setContext(to);
    stdout.setEncoder(encoder(to));
    stdout.start();
    Logger root = to.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(level());
    root.addAppender(stdout);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private Level level() {
    Level level = Level.toLevel(environment.text(Setting.LOG_LEVEL), Level.OFF);
    if (level == Level.OFF) {
      addWarn("LOG_LEVEL must be ERROR, WARN, INFO, DEBUG or TRACE; using INFO");
      return Level.INFO;
    }
    return level;
  }

  private Encoder<ILoggingEvent> encoder(LoggerContext of) {
    String format = environment.text(Setting.LOG_FORMAT);
    if (format.equals("text")) {
      PatternLayoutEncoder text = new PatternLayoutEncoder();
      text.setContext(of);
      text.setPattern(PATTERN);
      text.start();
      return text;
    }
    if (!format.equals("json")) {
      addWarn("LOG_FORMAT must be json or text; using json");
    }
    EcsEncoder json = new EcsEncoder();
    json.setContext(of);
    json.setServiceName(service);
    json.start();
    return json;
  }
}
