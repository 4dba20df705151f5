package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Somebody looks after the operator itself. */
class OperatorIT {

  @Test
  void itTellsHowItIs() throws Exception {
    try (Stack stack = new Stack()) {
      String operator = "http://iris-operator.mlops:8080";
      assertThat(stack.shell("wget -q -O- " + operator + "/healthz")).isEqualTo("ok\n");
      assertThat(stack.shell("wget -q -O- " + operator + "/readyz")).isEqualTo("ok\n");
      assertThat(stack.shell("wget -q -O- " + operator + "/metrics"))
          .contains("operator_sdk_reconciliations_success", "jvm_memory_used_bytes");
    }
  }
}
