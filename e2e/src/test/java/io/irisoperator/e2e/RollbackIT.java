package io.irisoperator.e2e;

import io.irisoperator.operator.api.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A user's model is rolled back, under a load of 200 predictions a second. */
class RollbackIT extends UnderLoad {
  RollbackIT(Stack stack) {
    super(stack, "rollback");
  }

  @Override
  Duration analysis() {
    return Duration.ofSeconds(Stack.FULL ? 30 : 15);
  }

  @Test
  void rollsBackASlowServerAndAFailingOne() throws Exception {
    for (String fault : List.of("slow", "failing")) {
      Instant applied = Instant.now();
      model.apply(fault);
      model.awaitDegraded(
          Reason.ROLLED_BACK,
          fault.equals("slow") ? "the p99 latency of /predict is" : "the error rate of",
          "rollout.analysis.");
      Timings.record(fault + " server applied → rolled back", applied, Instant.now());
      model.apply("");
      model.awaitReady(0);
    }
  }
}
