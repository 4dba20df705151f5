package io.irisoperator.server.inference;

import io.irisoperator.server.ServerConfig;
import io.irisoperator.server.error.RefusedException;

/** The one model that there is. */
final class ServedModel {
  private ServedModel() {}

  /**
   * Checks a name.
   *
   * @throws RefusedException when it is another's
   */
  static void requireName(ServerConfig config, String name) {
    if (!name.equals(config.modelName())) {
      throw RefusedException.notFound(
          "there is no model '%s', only '%s'".formatted(name, config.modelName()));
    }
  }
}
