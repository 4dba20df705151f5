package io.irisoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator's own HTTP endpoints. */
@ExtendWith(StackExtension.class)
class OperatorEndpointsIT {

  @Test
  void theOperatorServesHealthReadinessAndMetrics(Stack stack) throws Exception {
    String operator = "http://iris-operator.mlops:8080";
    assertThat(stack.shell.run("wget -q -O- " + operator + "/healthz")).isEqualTo("ok\n");
    assertThat(stack.shell.run("wget -q -O- " + operator + "/readyz")).isEqualTo("ok\n");
    assertThat(stack.shell.run("wget -q -O- " + operator + "/metrics"))
        .contains("operator_sdk_reconciliations_success", "jvm_memory_used_bytes");
  }
}
