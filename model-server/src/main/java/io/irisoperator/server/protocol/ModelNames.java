package io.irisoperator.server.protocol;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.http.RefusedException;

/** The one model that there is. */
public final class ModelNames {
  private ModelNames() {}

  /**
   * Checks a name.
   *
   * @throws RefusedException when it is another's
   */
  public static void requireName(ServerConfig config, String name) {
    if (!name.equals(config.modelName())) {
      throw RefusedException.notFound(
          "there is no model '%s', only '%s'".formatted(name, config.modelName()));
    }
  }
}
