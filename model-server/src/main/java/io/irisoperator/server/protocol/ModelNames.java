package io.irisoperator.server.protocol;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.prediction.ModelNotFoundException;
import jakarta.inject.Singleton;

/** Checks the names and versions in requests against the served model. */
@Singleton
public final class ModelNames {
  private final ServerConfig.Model model;

  ModelNames(ServerConfig config) {
    this.model = config.model();
  }

  /**
   * Checks a name.
   *
   * @throws ModelNotFoundException if no model of that name is served
   */
  public void requireServed(String name) {
    if (!name.equals(model.name())) {
      throw new ModelNotFoundException(
          "model '%s' does not exist; this server serves '%s'".formatted(name, model.name()));
    }
  }

  /**
   * Checks a name and a version.
   *
   * @throws ModelNotFoundException if no model of that name and version is served
   */
  public void requireServed(String name, String version) {
    requireServed(name);
    if (!version.equals(model.version())) {
      throw new ModelNotFoundException(
          "model '%s' has no version '%s'; this server serves version '%s'"
              .formatted(name, version, model.version()));
    }
  }
}
