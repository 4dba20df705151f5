package io.irisoperator.trainer;

import io.irisoperator.testkit.SettingsPage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
  @Test
  void documentsTheSettings() throws Exception {
    new SettingsPage(Path.of("../docs/configuration.md"))
        .assertTable("Trainer", TrainingConfig.SETTINGS);
  }
}
