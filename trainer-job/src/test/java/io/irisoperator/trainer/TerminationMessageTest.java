package io.irisoperator.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.irisoperator.contract.TrainerResult;
import io.irisoperator.contract.TrainerResult.Registration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TerminationMessageTest {
  private static final TrainerResult PLAIN =
      new TrainerResult("0f3c", 0.983, 0.9829, Optional.empty());
  private static final TrainerResult REGISTERED =
      new TrainerResult("0f3c", 1, 0.5, Optional.of(new Registration("iris", "7", false)));

  @Test
  void withoutARegistration() {
    assertThat(TerminationMessage.of(PLAIN))
        .isEqualTo("{\"runId\":\"0f3c\",\"testAccuracy\":0.983,\"testF1\":0.9829}");
  }

  @Test
  void withARegistration() {
    assertThat(TerminationMessage.of(REGISTERED))
        .isEqualTo(
            "{\"runId\":\"0f3c\",\"testAccuracy\":1.0,\"testF1\":0.5,"
                + "\"registeredModel\":\"iris\",\"version\":\"7\",\"aliasMoved\":false}");
  }

  @Test
  void isReadableWithPlainJackson() throws Exception {
    for (TrainerResult result : new TrainerResult[] {PLAIN, REGISTERED}) {
      Map<String, Object> fields =
          new JsonMapper().readValue(TerminationMessage.of(result), new TypeReference<>() {});
      assertThat(TrainerResult.fromFields(fields)).contains(result);
    }
  }
}
