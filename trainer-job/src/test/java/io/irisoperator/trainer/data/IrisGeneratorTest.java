package io.irisoperator.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IrisGeneratorTest {
  @TempDir Path folder;

  @Test
  void theCheckedInFilesAreWhatTheGeneratorMakes() throws Exception {
    IrisGenerator.main(new String[] {folder.toString()});
    for (String name : new String[] {"iris_train.csv", "iris_test.csv"}) {
      assertThat(folder.resolve(name))
          .as("made by: ./mvnw -q -pl trainer-job -am -Pdata process-classes")
          .hasSameBinaryContentAs(Path.of("../data", name));
    }
  }
}
