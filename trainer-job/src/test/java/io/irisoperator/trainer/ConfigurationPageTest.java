package io.irisoperator.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.config.Setting;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The documented settings are the program's settings. */
class ConfigurationPageTest {
  @Test
  void documentsTheTrainersSettings() {
    assertThat(Path.of("../docs/configuration.md"))
        .content()
        .contains(Setting.table(TrainingConfig.SETTINGS));
  }
}
