package io.irisoperator.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.config.Setting;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What users read of the settings is what the code reads. */
class ConfigurationPageTest {
  @Test
  void docsConfigurationHasThisProgramsTable() {
    assertThat(Path.of("../docs/configuration.md"))
        .content()
        .contains(Setting.table(TrainingConfig.SETTINGS));
  }
}
