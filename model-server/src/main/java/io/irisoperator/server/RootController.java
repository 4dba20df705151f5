package io.irisoperator.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micronaut.core.io.ResourceLoader;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.serde.annotation.Serdeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** {@code GET /} and the OpenAPI document. */
@Controller
final class RootController {
  private static final Links LINKS =
      new Links(
          "Iris Classifier API", Application.VERSION, "/docs", "/health", "/predict", "/metrics");

  private static final String NO_TOKEN = "\"security\": []";
  private static final String TOKEN = "\"security\": [{\"token\": []}]";

  private final String openApi;

  @Serdeable
  record Links(
      String name, String version, String docs, String health, String predict, String metrics) {}

  RootController(ResourceLoader resources, ServerConfig config) {
    try (InputStream in = resources.getResourceAsStream("classpath:openapi.json").orElseThrow()) {
      String document = new String(in.readAllBytes(), UTF_8);
      openApi = config.listener().tokens().isEmpty() ? document : document.replace(NO_TOKEN, TOKEN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Get("/")
  Links root() {
    return LINKS;
  }

  @Get("/openapi.json")
  @Produces(MediaType.APPLICATION_JSON)
  String openApi() {
    return openApi;
  }
}
