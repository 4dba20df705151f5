package io.irisoperator.server;

import io.micronaut.core.io.ResourceLoader;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** {@code GET /} and the API's description. */
@Controller
final class RootController {
  private static final Links LINKS =
      new Links(
          "Iris Classifier API", Application.VERSION, "/docs", "/health", "/predict", "/metrics");

  private final byte[] openApi;

  @Serdeable
  record Links(
      String name, String version, String docs, String health, String predict, String metrics) {}

  RootController(ResourceLoader resources) {
    try (InputStream in =
        resources
            .getResourceAsStream("classpath:META-INF/swagger/openapi.json")
            .orElseThrow(() -> new IllegalStateException("the build makes openapi.json"))) {
      openApi = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Get("/")
  @Operation(summary = "Name, version and links")
  Links root() {
    return LINKS;
  }

  @Get("/openapi.json")
  @Produces(MediaType.APPLICATION_JSON)
  @Hidden
  byte[] openApi() {
    return openApi;
  }
}
