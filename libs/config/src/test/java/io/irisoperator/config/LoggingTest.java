package io.irisoperator.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.core.status.Status;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** The lines on standard output. */
class LoggingTest {
  private static String logged(String format, Throwable failure) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new ch.qos.logback.classic.util.LogbackMDCAdapter());
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      new LoggingConfigurator("iris-test", Map.of("LOG_FORMAT", format)) {}.configure(context);
      context.getMDCAdapter().put("resource.name", "iris");
      context.getLogger("io.irisoperator.Thing").warn("two\nlines \"here\"", failure);
      return out.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(before);
      context.stop();
      MDC.clear();
    }
  }

  @Test
  void jsonIsOneLineWithEcsNames() throws Exception {
    String line = logged("json", new IllegalStateException("broken"));
    assertThat(line).endsWith("\n").containsOnlyOnce("\n");
    JsonNode json = new JsonMapper().readTree(line);
    assertThat(json.path("message").asText()).isEqualTo("two\nlines \"here\"");
    assertThat(json.path("log.level").asText()).isEqualTo("WARN");
    assertThat(json.path("log.logger").asText()).isEqualTo("io.irisoperator.Thing");
    assertThat(json.path("service.name").asText()).isEqualTo("iris-test");
    assertThat(json.path("resource.name").asText()).isEqualTo("iris");
    assertThat(json.path("error.message").asText()).isEqualTo("broken");
    assertThat(json.path("error.stack_trace").asText()).contains("LoggingTest");
    assertThat(json.path("@timestamp").asText()).matches("\\d{4}-.+Z");
  }

  @Test
  void textIsForPeople() throws Exception {
    assertThat(logged("text", null))
        .contains(" WARN  Thing: two")
        .contains("resource.name=iris")
        .doesNotContain("{\"@timestamp");
  }

  @Test
  void warnsOfInvalidValues() {
    LoggerContext context = new LoggerContext();
    LoggingConfigurator configurator =
        new LoggingConfigurator("iris-test", Map.of("LOG_FORMAT", "xml", "LOG_LEVEL", "loud")) {};
    configurator.setContext(context);
    configurator.configure(context);
    assertThat(context.getStatusManager().getCopyOfStatusList())
        .extracting(Status::getMessage)
        .contains(
            "LOG_FORMAT must be json or text; using json",
            "LOG_LEVEL must be ERROR, WARN, INFO, DEBUG or TRACE; using INFO");
    assertThat(context.getLogger("ROOT").getLevel()).isEqualTo(Level.INFO);
    context.stop();
  }
}
