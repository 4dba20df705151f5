package io.irisoperator.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.config.Setting;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The documented settings are the settings in the code. */
class ConfigurationPageTest {
  @Test
  void configurationPageContainsTheServersSettings() {
    assertThat(Path.of("../docs/configuration.md"))
        .content()
        .contains(Setting.table(ServerConfig.SETTINGS));
  }
}
