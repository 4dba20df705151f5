package io.irisoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.irisoperator.contract.TrainerResult.Registration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainerResultTest {
  @Test
  void readsItsOwnFields() {
    TrainerResult plain = new TrainerResult("r1", 0.975, 0.97, Optional.empty());
    TrainerResult registered =
        new TrainerResult("r1", 1, 1, Optional.of(new Registration("iris", "3", true)));
    assertThat(TrainerResult.fromFields(plain.toFields())).contains(plain);
    assertThat(TrainerResult.fromFields(registered.toFields())).contains(registered);
    assertThat(plain.toFields()).containsOnlyKeys("runId", "testAccuracy", "testF1");
  }

  @Test
  void ignoresOtherObjects() {
    assertThat(TrainerResult.fromFields(Map.of())).isEmpty();
    assertThat(TrainerResult.fromFields(Map.of("runId", "r1", "testAccuracy", "high", "testF1", 1)))
        .isEmpty();
  }
}
